; The program's files are replaced all at once: the new ones are unpacked beside the old ones, then
; folders and programs are exchanged by renaming, which is fast and can be undone.
;
; A list names the program's files. Other files in the folder stay.

!include "TextFunc.nsh"

!macro FILES UN

; Returns in $0 whether a program is running or its file is in use.
Function ${UN}IsBusy
  Exch $1
  StrCpy $0 0
  ${If} ${FileExists} "$1"
    ClearErrors
    FileOpen $2 "$1" a
    ${If} ${Errors}
      StrCpy $0 1
    ${Else}
      FileClose $2
    ${EndIf}
  ${EndIf}
  ClearErrors
  Pop $1
FunctionEnd

; Asks running programs to end and waits for them; if they do not end, the reason is in $Reason.
Function ${UN}EndRunning
  again:
  StrCpy $Reason ""
  Push "$INSTDIR\${TRAY}"
  Call ${UN}IsBusy
  ${If} $0 = 1
    StrCpy $WasRunning 1
    ${If} ${FileExists} "$INSTDIR\${TERMINAL}"
      nsExec::ExecToLog /TIMEOUT=${QUIT_MS} '"$INSTDIR\${TERMINAL}" quit --all'
      Pop $0
    ${EndIf}
  ${EndIf}
  StrCpy $3 0
  ${Do}
    Push "$INSTDIR\${TRAY}"
    Call ${UN}IsBusy
    ${If} $0 = 0
      Push "$INSTDIR\${TERMINAL}"
      Call ${UN}IsBusy
    ${EndIf}
    ${If} $0 = 0
      Return
    ${EndIf}
    ${If} $3 >= ${PATIENCE_S}
      ${ExitDo}
    ${EndIf}
    IntOp $3 $3 + 1
    Sleep 1000
  ${Loop}
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(StillRunning)" /SD IDCANCEL IDRETRY again
  StrCpy $Reason "$INSTDIR"
FunctionEnd

; Moves the name on the stack out of the way; if that fails, $Reason says which one.
Function ${UN}MoveOne
  Exch $R5
  ${If} $Reason == ""
  ${AndIf} ${FileExists} "$INSTDIR\$R5"
    ClearErrors
    Rename "$INSTDIR\$R5" "$INSTDIR\.old\$R5"
    ${If} ${Errors}
      StrCpy $Reason "$INSTDIR\$R5"
    ${EndIf}
  ${EndIf}
  Pop $R5
FunctionEnd

; Moves the installed version into .old, completely or not at all.
Function ${UN}MoveOut
  StrCpy $Reason ""
  CreateDirectory "$INSTDIR\.old"
  StrCpy $4 0
  ClearErrors
  FileOpen $1 "$INSTDIR\${LIST}" r
  ${IfNot} ${Errors}
    ${Do} ; the names at the top come first; the file must be closed before its folder moves
      ClearErrors
      FileReadUTF16LE $1 $2
      ${If} ${Errors}
        ${ExitDo}
      ${EndIf}
      ${TrimNewLines} "$2" $2
      StrCpy $3 $2 1
      ${If} $3 != "="
        ${ExitDo}
      ${EndIf}
      StrCpy $2 $2 "" 1
      Push $2
      Call ${UN}IsInside
      ${If} $0 = 1
        Push $2
        IntOp $4 $4 + 1
      ${EndIf}
    ${Loop}
    FileClose $1
  ${EndIf}
  ${While} $4 > 0
    Call ${UN}MoveOne
    IntOp $4 $4 - 1
  ${EndWhile}
  !define CALL_ONE "${UN}MoveOne"
  !insertmacro EACH_TOP MOVE_ONE
  !undef CALL_ONE
  ${If} $Reason != ""
    Call ${UN}PutBack
  ${EndIf}
FunctionEnd

; Moves the version in .old back to its place.
Function ${UN}PutBack
  FindFirst $R6 $R7 "$INSTDIR\.old\*.*"
  ${DoWhile} $R7 != ""
    ${If} $R7 != "."
    ${AndIf} $R7 != ".."
      Rename "$INSTDIR\.old\$R7" "$INSTDIR\$R7"
    ${EndIf}
    FindNext $R6 $R7
  ${Loop}
  FindClose $R6
  RMDir "$INSTDIR\.old"
FunctionEnd

; Returns in $0 whether the line on the stack names something inside our folder.
Function ${UN}IsInside
  Exch $R5
  StrCpy $0 1
  ${WordFind} "$R5" ":" "E+1{" $R6
  ${IfNot} ${Errors}
    StrCpy $0 0
  ${EndIf}
  ClearErrors
  ${WordFind} "\$R5\" "\..\" "E+1{" $R6
  ${IfNot} ${Errors}
    StrCpy $0 0
  ${EndIf}
  ClearErrors
  StrCpy $R6 $R5 1
  ${If} $R6 == "\"
  ${OrIf} $R6 == ""
    StrCpy $0 0
  ${EndIf}
  Pop $R5
FunctionEnd

; Deletes the version in .old, and moves files that are not the program's back.
Function ${UN}ClearOld
  ClearErrors
  FileOpen $1 "$INSTDIR\.old\${LIST}" r
  ${If} ${Errors} ; without a list, all of it is taken for the program's
    RMDir /r "$INSTDIR\.old\_internal"
    Delete "$INSTDIR\.old\${TERMINAL}"
    Delete "$INSTDIR\.old\${TRAY}"
    Delete "$INSTDIR\.old\uninstall.exe"
  ${Else}
    ${Do}
      ClearErrors
      FileReadUTF16LE $1 $2
      ${If} ${Errors}
        ${ExitDo}
      ${EndIf}
      ${TrimNewLines} "$2" $2
      Push $2
      Call ${UN}IsInside
      StrCpy $3 $2 1
      ${If} $0 = 1
      ${AndIf} $3 != "="
        Delete "$INSTDIR\.old\$2"
      ${EndIf}
    ${Loop}
    FileClose $1
    Delete "$INSTDIR\.old\${LIST}"
  ${EndIf}
  Push ""
  Call ${UN}PutRestBack
  ClearErrors
FunctionEnd

; Moves the remaining files in a folder of .old back to their place; the folder is on the stack.
Function ${UN}PutRestBack
  Exch $R5
  Push $R6
  Push $R7
  FindFirst $R6 $R7 "$INSTDIR\.old$R5\*.*"
  ${DoWhile} $R7 != ""
    ${If} $R7 != "."
    ${AndIf} $R7 != ".."
      ${If} ${FileExists} "$INSTDIR\.old$R5\$R7\*.*"
        Push "$R5\$R7"
        Call ${UN}PutRestBack
      ${Else}
        CreateDirectory "$INSTDIR$R5"
        ${If} ${FileExists} "$INSTDIR$R5\$R7" ; by now the program has one of that name
          Rename "$INSTDIR\.old$R5\$R7" "$INSTDIR$R5\$R7.kept"
        ${Else}
          Rename "$INSTDIR\.old$R5\$R7" "$INSTDIR$R5\$R7"
        ${EndIf}
      ${EndIf}
    ${EndIf}
    FindNext $R6 $R7
  ${Loop}
  FindClose $R6
  RMDir "$INSTDIR\.old$R5"
  Pop $R7
  Pop $R6
  Pop $R5
FunctionEnd

; Cleans up after an interrupted set-up.
Function ${UN}Recover
  ${If} ${FileExists} "$INSTDIR\.old\*.*"
    Call ${UN}ClearOld
  ${EndIf}
FunctionEnd

!macroend

!macro MOVE_ONE NAME
  Push "${NAME}"
  Call ${CALL_ONE}
!macroend

!insertmacro FILES ""
!insertmacro FILES "un."

!macro MOVE_IN_ONE NAME
  ${If} $Reason == ""
    ClearErrors
    Rename "$INSTDIR\.new\${NAME}" "$INSTDIR\${NAME}"
    ${If} ${Errors}
      StrCpy $Reason "$INSTDIR\${NAME}"
    ${EndIf}
  ${EndIf}
!macroend

!macro TAKE_OUT_ONE NAME
  ${IfNot} ${FileExists} "$INSTDIR\.new\${NAME}" ; it was moved in
    Rename "$INSTDIR\${NAME}" "$INSTDIR\.new\${NAME}"
  ${EndIf}
!macroend

; Moves the new version from .new to its place; if that fails, the old one is restored.
Function MoveIn
  StrCpy $Reason ""
  !insertmacro EACH_TOP MOVE_IN_ONE
  ${If} $Reason != ""
    !insertmacro EACH_TOP TAKE_OUT_ONE
    Call PutBack
  ${EndIf}
FunctionEnd
