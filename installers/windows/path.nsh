; `spendlight` on the user's PATH. NSIS truncates strings after 1,023 characters, so this value never
; becomes one: it is read, changed and written in separately allocated memory.

!define HKCU_ROOT 0x80000001
!define KEY_ENVIRONMENT "Environment"
!define VALUE_PATH "Path"
!define REG_SZ 1
!define REG_EXPAND_SZ 2
!define ERROR_FILE_NOT_FOUND 2
!define MOST_LETTERS 32000 ; an environment variable ends at 32,767

; Reads it into the memory at $R0, which then contains ";", the value, ";" and room for more; $R1 is
; its type; $R2 the open key. $R0 is 0 if it cannot be read or is not a string: then leave it alone.
!macro PATH_READ
  StrCpy $R0 0
  System::Call 'advapi32::RegCreateKeyExW(p ${HKCU_ROOT}, w "${KEY_ENVIRONMENT}", i 0, p 0, i 0, i 0x2001F, p 0, *p .R2, p 0) i .r1'
  ${If} $1 = 0
    System::Call 'advapi32::RegQueryValueExW(p R2, w "${VALUE_PATH}", p 0, *i .R1, p 0, *i .r2) i .r1'
    ${If} $1 = ${ERROR_FILE_NOT_FOUND}
      StrCpy $R1 ${REG_EXPAND_SZ}
      StrCpy $2 0
      StrCpy $1 0
    ${EndIf}
    ${If} $1 = 0
      ${If} $R1 = ${REG_SZ}
      ${OrIf} $R1 = ${REG_EXPAND_SZ}
        IntOp $3 $2 + 4096
        System::Alloc $3
        Pop $R0
        System::Call '*$R0(&i2 59)' ; ";"
        ${If} $2 > 0
          IntOp $3 $R0 + 2
          System::Call 'advapi32::RegQueryValueExW(p R2, w "${VALUE_PATH}", p 0, p 0, p r3, *i r2r2) i .r1'
          ${If} $1 <> 0
            System::Free $R0
            StrCpy $R0 0
          ${EndIf}
        ${EndIf}
        ${If} $R0 <> 0
          System::Call 'kernel32::lstrcatW(p R0, w ";")'
        ${EndIf}
      ${EndIf}
    ${EndIf}
  ${EndIf}
!macroend

!macro PATH_CLOSE
  ${If} $R0 <> 0
    System::Free $R0
  ${EndIf}
  System::Call 'advapi32::RegCloseKey(p R2)'
!macroend

; Writes the value in $R0 without the semicolons around it; an empty value is deleted.
!macro PATH_WRITE
  System::Call 'kernel32::lstrlenW(p R0) i .r1'
  IntOp $2 $1 - 1
  IntOp $2 $2 * 2
  IntOp $2 $R0 + $2
  System::Call '*$2(&i2 0)' ; the last semicolon
  IntOp $2 $R0 + 2
  IntOp $1 $1 - 1 ; letters, with the zero behind them
  ${If} $1 > 1
    IntOp $1 $1 * 2
    System::Call 'advapi32::RegSetValueExW(p R2, w "${VALUE_PATH}", i 0, i R1, p r2, i r1) i .r1'
  ${Else}
    System::Call 'advapi32::RegDeleteValueW(p R2, w "${VALUE_PATH}") i .r1'
  ${EndIf}
  SendMessage ${HWND_BROADCAST} ${WM_WININICHANGE} 0 "STR:Environment" /TIMEOUT=5000
!macroend

; $4: the position of the folder in $R0, as one of its parts; 0 if it is missing. $5: its length.
!macro PATH_FIND
  StrCpy $3 ";$INSTDIR;"
  System::Call 'shlwapi::StrStrIW(p R0, w r3) p .r4'
  ${If} $4 = 0
    StrCpy $3 ";$INSTDIR\;"
    System::Call 'shlwapi::StrStrIW(p R0, w r3) p .r4'
  ${EndIf}
  StrLen $5 $3
  IntOp $5 $5 - 1 ; without the last semicolon
!macroend

Function IsOnPath ; $0: 1 or 0
  !insertmacro PATH_READ
  StrCpy $0 0
  ${If} $R0 <> 0
    !insertmacro PATH_FIND
    ${If} $4 <> 0
      StrCpy $0 1
    ${EndIf}
  ${EndIf}
  !insertmacro PATH_CLOSE
FunctionEnd

Function AddToPath
  !insertmacro PATH_READ
  ${If} $R0 <> 0
    !insertmacro PATH_FIND
    System::Call 'kernel32::lstrlenW(p R0) i .r1'
    ${If} $4 = 0
    ${AndIf} $1 < ${MOST_LETTERS}
      ; ";;" is an empty value, and ";…;;" is a value that itself ended in ";"
      IntOp $2 $1 - 2
      IntOp $2 $2 * 2
      IntOp $2 $R0 + $2
      System::Call '*$2(&i2 .r3)'
      ${If} $3 = 59
        IntOp $2 $2 + 2
        System::Call '*$2(&i2 0)'
      ${EndIf}
      StrCpy $3 "$INSTDIR;"
      System::Call 'kernel32::lstrcatW(p R0, w r3)'
      !insertmacro PATH_WRITE
    ${EndIf}
  ${EndIf}
  !insertmacro PATH_CLOSE
FunctionEnd

!macro REMOVE_FROM_PATH UN
Function ${UN}RemoveFromPath
  !insertmacro PATH_READ
  ${If} $R0 <> 0
    StrCpy $6 0
    ${Do}
      !insertmacro PATH_FIND
      ${If} $4 = 0
        ${ExitDo}
      ${EndIf}
      StrCpy $6 1
      IntOp $5 $5 * 2
      IntOp $5 $4 + $5 ; the semicolon behind it
      System::Call 'kernel32::lstrlenW(p r5) i .r1'
      IntOp $1 $1 + 1
      IntOp $1 $1 * 2
      System::Call 'kernel32::RtlMoveMemory(p r4, p r5, p r1)'
    ${Loop}
    ${If} $6 = 1
      !insertmacro PATH_WRITE
    ${EndIf}
  ${EndIf}
  !insertmacro PATH_CLOSE
FunctionEnd
!macroend
!insertmacro REMOVE_FROM_PATH ""
!insertmacro REMOVE_FROM_PATH "un."
