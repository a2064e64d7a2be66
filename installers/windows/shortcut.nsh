; The entry in the Start menu, with the AppUserModelID by which Windows assigns notifications and
; windows to the program.

!define CLSID_SHELL_LINK "{00021401-0000-0000-C000-000000000046}"
!define IID_SHELL_LINK "{000214F9-0000-0000-C000-000000000046}"
!define IID_PERSIST_FILE "{0000010B-0000-0000-C000-000000000046}"
!define IID_PROPERTY_STORE "{886D8EEB-8CF2-4446-8D02-CDBA1DBDCF99}"
!define FORMAT_APP_USER_MODEL "{9F4C2855-9F79-4B39-A8D0-E1D42DE1D5F3}"
!define PROPERTY_ID 5
!define VT_LPWSTR 31
!define READ_WRITE 2

Function MakeShortcut
  CreateShortCut "$SMPROGRAMS\${APP}.lnk" "$INSTDIR\${TRAY}" "" "$INSTDIR\${TRAY}" 0 SW_SHOWNORMAL "" "$(ShortcutWords)"
  StrCpy $0 "$SMPROGRAMS\${APP}.lnk"
  StrCpy $8 0 ; the type of what was read back
  System::Call '*(&g16 "${FORMAT_APP_USER_MODEL}", &i4 ${PROPERTY_ID}) p .r4'
  System::Call '*(&w64 "${APP_ID}") p .r5'
  System::Call '*(&i2 ${VT_LPWSTR}, &i2 0, &i2 0, &i2 0, p r5, i 0, i 0) p .r6'
  System::Call '*(i 0, i 0, i 0, i 0, i 0, i 0) p .r7'
  System::Call 'ole32::CoCreateInstance(g "${CLSID_SHELL_LINK}", p 0, i 1, g "${IID_SHELL_LINK}", *p .r1) i .r9'
  ${If} $9 = 0
    System::Call '$1->0(g "${IID_PERSIST_FILE}", *p .r2) i .r9'
    ${If} $9 = 0
      System::Call '$1->0(g "${IID_PROPERTY_STORE}", *p .r3) i .r9'
      ${If} $9 = 0
        System::Call '$2->5(w r0, i ${READ_WRITE}) i .r9' ; Load
        System::Call '$3->6(p r4, p r6) i .r9' ; SetValue
        System::Call '$3->7() i .r9' ; Commit
        System::Call '$2->6(w r0, i 1) i .r9' ; Save
        System::Call '$3->2()'
      ${EndIf}
      System::Call '$2->2()'
    ${EndIf}
    System::Call '$1->2()'
  ${EndIf}
  ; Wine reports success but does not save it, so it is read back.
  System::Call 'ole32::CoCreateInstance(g "${CLSID_SHELL_LINK}", p 0, i 1, g "${IID_SHELL_LINK}", *p .r1) i .r9'
  ${If} $9 = 0
    System::Call '$1->0(g "${IID_PERSIST_FILE}", *p .r2) i .r9'
    ${If} $9 = 0
      System::Call '$1->0(g "${IID_PROPERTY_STORE}", *p .r3) i .r9'
      ${If} $9 = 0
        System::Call '$2->5(w r0, i 0) i .r9' ; Load
        System::Call '$3->5(p r4, p r7) i .r9' ; GetValue
        System::Call '*$7(&i2 .r8)'
        System::Call 'ole32::PropVariantClear(p r7)'
        System::Call '$3->2()'
      ${EndIf}
      System::Call '$2->2()'
    ${EndIf}
    System::Call '$1->2()'
  ${EndIf}
  System::Free $4
  System::Free $5
  System::Free $6
  System::Free $7
  ${If} $8 <> ${VT_LPWSTR}
    Call AppendIdentity
  ${EndIf}
FunctionEnd

Function AppendIdentity ; as the file format has it, [MS-SHLLINK] 2.5.7; the last four bytes end it
  InitPluginsDir
  File "/oname=$PLUGINSDIR\identity.bin" "${IDENTITY}"
  FileOpen $1 "$PLUGINSDIR\identity.bin" r
  FileOpen $2 "$SMPROGRAMS\${APP}.lnk" a
  FileSeek $2 -4 END
  ${Do}
    ClearErrors
    FileReadByte $1 $3
    ${If} ${Errors}
      ${ExitDo}
    ${EndIf}
    FileWriteByte $2 $3
  ${Loop}
  FileClose $2
  FileClose $1
FunctionEnd
