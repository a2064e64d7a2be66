; Spendlight's installer for Windows: for one user, without administrator rights, in a fixed folder.
;
; installers/windows/nsis.py compiles it and defines
;   APP_ID VERSION NUMERIC_VERSION OUTPUT PAYLOAD ICON SIDE IDENTITY SIZE_KB LONGEST REPOSITORY
;   COMPRESSION
; and SIGN if the installer and the uninstaller are to be signed.
;
; Options of the installer:    /S           no windows
;                              /AUTOSTART=1 start with Windows (0: do not); by default unchanged
;                              /PATH=0      no command `spendlight` in terminals (1: add it)
; Options of the uninstaller:  /S           no windows
;                              /PURGE=1     delete the ledger and the settings, too
; Exit codes: 0 done, 1 cancelled, 2 failed, 3 this Windows is not supported, 4 another set-up is
; running, 5 Spendlight is in use. Unless it is 0, the previous version is still installed.

Unicode true
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor ${COMPRESSION}
!if "${COMPRESSION}" != "zlib"
  SetCompressorDictSize 64 ; megabytes: the libraries have much in common
!endif

!define APP "Spendlight"
!define TRAY "spendlight-tray.exe"
!define TERMINAL "spendlight.exe"
!define LIST "_internal\installed-files.txt"
!define KEY_RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define KEY_APPROVED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define KEY_UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Spendlight"
!define QUIT_MS 60000
!define UNHOOK_MS 120000
!define PATIENCE_S 10 ; a status line or a report that is running ends by itself

!include "MUI2.nsh"
!include "nsDialogs.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "WinMessages.nsh"
!include "WinVer.nsh"
!include "WordFunc.nsh"
!include "x64.nsh"
!addincludedir "${__FILEDIR__}"
!include "${PAYLOAD}"

Name "${APP}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\${APP}"
BrandingText "${APP} ${VERSION}"
AllowSkipFiles off
ShowInstDetails nevershow
ShowUninstDetails nevershow

!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

Var Autostart ; 1, 0, or empty: as it is
Var OnPath ; likewise
Var WasRunning
Var Purge
Var BoxAutostart
Var BoxPath
Var BoxPurge
Var HadAutostart
Var HadPath
Var Reason

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${SIDE}"
!define MUI_WELCOMEFINISHPAGE_BITMAP_STRETCH AspectFitHeight
!define MUI_FINISHPAGE_RUN "$INSTDIR\${TRAY}"
!define MUI_FINISHPAGE_RUN_TEXT "$(RunNow)"
!define MUI_FINISHPAGE_TEXT "$(Finished)"

Page custom OptionsShow OptionsLeave
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
UninstPage custom un.OptionsShow un.OptionsLeave
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!include "words.nsh"
!include "path.nsh"
!include "shortcut.nsh"
!include "files.nsh"

VIProductVersion "${NUMERIC_VERSION}"
!macro VERSION_WORDS LANGUAGE
  VIAddVersionKey /LANG=${LANGUAGE} "ProductName" "${APP}"
  VIAddVersionKey /LANG=${LANGUAGE} "CompanyName" "${APP}"
  VIAddVersionKey /LANG=${LANGUAGE} "FileDescription" "${APP} Setup"
  VIAddVersionKey /LANG=${LANGUAGE} "FileVersion" "${VERSION}"
  VIAddVersionKey /LANG=${LANGUAGE} "ProductVersion" "${VERSION}"
  VIAddVersionKey /LANG=${LANGUAGE} "LegalCopyright" "MIT License"
!macroend
!insertmacro VERSION_WORDS ${LANG_ENGLISH}
!insertmacro VERSION_WORDS ${LANG_GERMAN}

!macro STOP CODE WORDS
  MessageBox MB_OK|MB_ICONEXCLAMATION "${WORDS}" /SD IDOK
  SetErrorLevel ${CODE}
  Quit
!macroend

!macro ONE_SETUP_ONLY
  System::Call 'kernel32::CreateMutexW(p 0, i 0, w "Local\Spendlight.Setup") p .r0 ?e'
  Pop $1
  ${If} $1 = 183 ; ERROR_ALREADY_EXISTS
    !insertmacro STOP 4 "$(SetupRuns)"
  ${EndIf}
!macroend

Function .onInit
  StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${APP}" ; whatever /D= says
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    !insertmacro STOP 3 "$(TooOld)"
  ${EndIf}
  StrLen $0 "$INSTDIR\.new\"
  IntOp $0 $0 + ${LONGEST}
  ${If} $0 > 259
    !insertmacro STOP 3 "$(TooLong)"
  ${EndIf}
  !insertmacro ONE_SETUP_ONLY
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AUTOSTART=" $Autostart
  ${GetOptions} $0 "/PATH=" $OnPath
  Call IsOnPath
  StrCpy $HadPath $0
  Call IsStartedAtLogin
  StrCpy $HadAutostart $0
  ReadRegStr $1 HKCU "${KEY_UNINSTALL}" "DisplayVersion"
  ${If} $1 == ""
    ${If} $OnPath == ""
      StrCpy $OnPath 1
    ${EndIf}
  ${Else}
    ${VersionCompare} "$1" "${VERSION}" $2
    ${If} $2 = 1
      MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(Downgrade)" /SD IDYES IDYES +3
      SetErrorLevel 1
      Quit
    ${EndIf}
  ${EndIf}
FunctionEnd

Function OptionsShow
  !insertmacro MUI_HEADER_TEXT "$(OptionsTitle)" "$(OptionsSubtitle)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 0 100% 24u "$(OptionsText)"
  Pop $0
  ${NSD_CreateCheckbox} 0 34u 100% 12u "$(WantAutostart)"
  Pop $BoxAutostart
  ${NSD_CreateCheckbox} 0 52u 100% 12u "$(WantPath)"
  Pop $BoxPath
  ${NSD_CreateLabel} 0 78u 100% 36u "$(OptionsNote)"
  Pop $0
  StrCpy $0 $HadAutostart
  ${If} $Autostart != ""
    StrCpy $0 $Autostart
  ${EndIf}
  ${NSD_SetState} $BoxAutostart $0
  StrCpy $0 $HadPath
  ${If} $OnPath != ""
    StrCpy $0 $OnPath
  ${EndIf}
  ${NSD_SetState} $BoxPath $0
  GetDlgItem $0 $HWNDPARENT 1
  SendMessage $0 ${WM_SETTEXT} 0 "STR:$(^InstallBtn)"
  nsDialogs::Show
FunctionEnd

Function OptionsLeave
  ${NSD_GetState} $BoxAutostart $Autostart
  ${If} $Autostart = $HadAutostart
    StrCpy $Autostart ""
  ${EndIf}
  ${NSD_GetState} $BoxPath $OnPath
  ${If} $OnPath = $HadPath
    StrCpy $OnPath ""
  ${EndIf}
FunctionEnd

Section "${APP}"
  Call Recover
  RMDir /r "$INSTDIR\.new"
  !insertmacro UNPACK
  WriteUninstaller "$INSTDIR\.new\uninstall.exe"
  SetOutPath "$PROFILE" ; a working directory cannot be renamed
  Call EndRunning
  ${If} $Reason != ""
    Goto in_use
  ${EndIf}
  Call MoveOut
  ${If} $Reason == ""
    Call MoveIn
  ${EndIf}
  ${If} $Reason != ""
  in_use:
    RMDir /r "$INSTDIR\.new"
    SetErrorLevel 5
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(InUse)$\r$\n$\r$\n$Reason" /SD IDOK
    Quit
  ${EndIf}
  Call ClearOld
  RMDir /r "$INSTDIR\.new"

  Call MakeShortcut
  Call SetAutostart
  ${If} $OnPath == "1"
    Call AddToPath
  ${ElseIf} $OnPath == "0"
    Call RemoveFromPath
  ${EndIf}

  WriteRegStr HKCU "${KEY_UNINSTALL}" "DisplayName" "${APP}"
  WriteRegStr HKCU "${KEY_UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY_UNINSTALL}" "DisplayIcon" "$INSTDIR\${TRAY},0"
  WriteRegStr HKCU "${KEY_UNINSTALL}" "Publisher" "${APP}"
  WriteRegStr HKCU "${KEY_UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY_UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY_UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegStr HKCU "${KEY_UNINSTALL}" "URLInfoAbout" "${REPOSITORY}"
  WriteRegStr HKCU "${KEY_UNINSTALL}" "URLUpdateInfo" "${REPOSITORY}/releases"
  WriteRegStr HKCU "${KEY_UNINSTALL}" "HelpLink" "${REPOSITORY}/issues"
  WriteRegDWORD HKCU "${KEY_UNINSTALL}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD HKCU "${KEY_UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${KEY_UNINSTALL}" "NoRepair" 1

  ${If} ${Silent}
  ${AndIf} $WasRunning = 1
    Exec '"$INSTDIR\${TRAY}"'
  ${EndIf}
SectionEnd

Function .onInstFailed
  RMDir /r "$INSTDIR\.new"
  RMDir "$INSTDIR"
FunctionEnd

; ---- starting at login: the same value that the program's own settings write

!macro LOGIN_COMMAND ; $1: quoted only where that is needed, as Python's list2cmdline does
  StrCpy $1 "$INSTDIR\${TRAY}"
  ${WordFind} "$1" " " "E+1{" $2
  ${IfNot} ${Errors}
    StrCpy $1 '"$1"'
  ${EndIf}
  ClearErrors
!macroend

Function IsStartedAtLogin ; $0: 1 or 0
  !insertmacro LOGIN_COMMAND
  ReadRegStr $0 HKCU "${KEY_RUN}" "${APP}"
  ${If} $0 != $1
    StrCpy $0 0
    Return
  ${EndIf}
  StrCpy $0 1
  System::Call '*(&i16 0) p .r2'
  System::Call '*(i 16) p .r3'
  System::Call 'advapi32::RegGetValueW(p 0x80000001, w "${KEY_APPROVED}", w "${APP}", i 0xffff, p 0, p r2, p r3) i .r4'
  ${If} $4 = 0
    System::Call '*$2(&i1 .r4)'
    IntOp $4 $4 & 1 ; turned off in the Task Manager
    IntOp $0 1 - $4
  ${EndIf}
  System::Free $2
  System::Free $3
FunctionEnd

Function SetAutostart
  ${If} $Autostart == "1"
    !insertmacro LOGIN_COMMAND
    WriteRegStr HKCU "${KEY_RUN}" "${APP}" "$1"
    DeleteRegValue HKCU "${KEY_APPROVED}" "${APP}"
  ${ElseIf} $Autostart == "0"
    DeleteRegValue HKCU "${KEY_RUN}" "${APP}"
  ${EndIf}
FunctionEnd

; ---- the uninstaller

Function un.onInit
  StrCpy $INSTDIR "$LOCALAPPDATA\Programs\${APP}"
  !insertmacro ONE_SETUP_ONLY
  ${GetParameters} $0
  ${GetOptions} $0 "/PURGE=" $Purge
FunctionEnd

Function un.OptionsShow
  !insertmacro MUI_HEADER_TEXT "$(RemoveTitle)" "$(RemoveSubtitle)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 0 100% 36u "$(RemoveText)"
  Pop $0
  ReadEnvStr $1 "SPENDLIGHT_DATA_DIR"
  ${If} $1 == ""
    ${NSD_CreateLabel} 0 44u 100% 36u "$(RemoveData)"
    Pop $0
    ${NSD_CreateCheckbox} 0 84u 100% 12u "$(WantPurge)"
    Pop $BoxPurge
    ${NSD_SetState} $BoxPurge $Purge
  ${Else}
    ${NSD_CreateLabel} 0 44u 100% 36u "$(RemoveDataElsewhere)"
    Pop $0
    StrCpy $BoxPurge ""
  ${EndIf}
  GetDlgItem $0 $HWNDPARENT 1
  SendMessage $0 ${WM_SETTEXT} 0 "STR:$(^UninstallBtn)"
  nsDialogs::Show
FunctionEnd

Function un.OptionsLeave
  StrCpy $Purge 0
  ${If} $BoxPurge != ""
    ${NSD_GetState} $BoxPurge $Purge
  ${EndIf}
  ${If} $Purge = 1
    MessageBox MB_YESNO|MB_ICONEXCLAMATION|MB_DEFBUTTON2 "$(ReallyPurge)" IDYES +2
    Abort ; back to the page
  ${EndIf}
FunctionEnd

Section "Uninstall"
  SetOutPath "$PROFILE" ; a working directory cannot be removed
  Call un.Recover
  Call un.EndRunning
  ${If} $Reason == ""
    Call un.MoveOut ; a rehearsal: before anything is changed, everything must be free
    ${If} $Reason == ""
      Call un.PutBack
    ${EndIf}
  ${EndIf}
  ${If} $Reason != ""
    Goto in_use
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\${TERMINAL}"
    nsExec::ExecToLog /TIMEOUT=${UNHOOK_MS} '"$INSTDIR\${TERMINAL}" unhook --yes'
    Pop $0
    ${If} $0 != 0
      MessageBox MB_OKCANCEL|MB_ICONEXCLAMATION "$(UnhookFailed)" /SD IDOK IDOK go_on
      SetErrorLevel 1
      Quit
    go_on:
    ${EndIf}
  ${EndIf}
  Call un.MoveOut
  ${If} $Reason != ""
  in_use:
    SetErrorLevel 5
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(InUse)$\r$\n$\r$\n$Reason" /SD IDOK
    Quit
  ${EndIf}
  Call un.ClearOld
  RMDir /r "$INSTDIR\.new"
  RMDir "$INSTDIR"

  ReadRegStr $0 HKCU "${KEY_RUN}" "${APP}"
  ${WordFind} "$0" "$INSTDIR\" "E+1" $1 ; another copy's entry stays
  ${IfNot} ${Errors}
    DeleteRegValue HKCU "${KEY_RUN}" "${APP}"
    DeleteRegValue HKCU "${KEY_APPROVED}" "${APP}"
  ${EndIf}
  Call un.RemoveFromPath
  Delete "$SMPROGRAMS\${APP}.lnk"
  DeleteRegKey HKCU "${KEY_UNINSTALL}"

  ${If} $Purge = 1
    StrCpy $2 "$LOCALAPPDATA\spendlight"
    System::Call 'kernel32::GetFileAttributesW(w r2) i .r0'
    IntOp $1 $0 & 0x400 ; a link leads to a place that is not ours to clear
    ${If} $0 != -1
    ${AndIf} $1 = 0
      RMDir /r "$2"
    ${EndIf}
  ${EndIf}
SectionEnd
