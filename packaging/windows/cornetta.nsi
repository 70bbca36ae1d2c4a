; The installer for one person, who needs no rights for it. Made by installers.sh:
;
;   cornetta-VERSION-setup.exe [/S] [/AUTOSTART=yes|no] [/D=FOLDER]
;   uninstall.exe [/S] [/FORGET]
;
; The registry's values are written by the program itself (cornetta install), so that
; they are described in one place. What it was told before it keeps when it is upgraded.
; Exit status: 0 done, 1 given up by the person, 2 not done: Cornetta does not end.

Unicode true
Target amd64-unicode
!ifdef QUICK ; for tests
  SetCompress off
!else
  SetCompressor /SOLID lzma
!endif
SetDateSave off ; the same files give the same installer
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include nsDialogs.nsh
!include x64.nsh

Name "Cornetta"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Cornetta"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
BrandingText "Cornetta ${VERSION}"
ManifestDPIAware true
ManifestSupportedOS Win10
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Cornetta"
VIProductVersion "${NUMBERS}"
VIAddVersionKey "ProductName" "Cornetta"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Cornetta's installer"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "CompanyName" "Cornetta contributors"
VIAddVersionKey "LegalCopyright" "Cornetta contributors, MIT license"

Var AutostartBox
Var Autostart ; yes or no
Var ForgetBox
Var Forget ; yes or no

!define MUI_ICON "assets\cornetta.ico"
!define MUI_UNICON "assets\cornetta.ico"
!define MUI_ABORTWARNING
Page custom ChooseAutostart ChoseAutostart
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\cornetta.exe"
!insertmacro MUI_PAGE_FINISH
UninstPage custom un.ChooseForget un.ChoseForget
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Italian"

!include "${FILES}/labels.nsh"
LangString HEAD ${LANG_ENGLISH} "${DIALS_en}"
LangString HEAD ${LANG_ITALIAN} "${DIALS_it}"
LangString SUBHEAD ${LANG_ENGLISH} "Cornetta is installed for you alone; no administrator is needed."
LangString SUBHEAD ${LANG_ITALIAN} "Cornetta viene installata solo per te, senza un amministratore."
LangString START ${LANG_ENGLISH} "&Start Cornetta when I sign in"
LangString START ${LANG_ITALIAN} "&Avvia Cornetta quando accedo"
LangString LINKS ${LANG_ENGLISH} "Cornetta becomes one of the programs that can open telephone links. Which one does, you choose in Windows' settings, under Default apps."
LangString LINKS ${LANG_ITALIAN} "Cornetta sarà tra le app che possono aprire i link telefonici. Quale li apre lo scegli nelle impostazioni di Windows, in App predefinite."
LangString FORGETHEAD ${LANG_ENGLISH} "Remove Cornetta"
LangString FORGETHEAD ${LANG_ITALIAN} "Rimuovi Cornetta"
LangString FORGETSUB ${LANG_ENGLISH} "Your settings stay unless you say otherwise."
LangString FORGETSUB ${LANG_ITALIAN} "Le impostazioni restano, a meno che tu non scelga di eliminarle."
LangString FORGET ${LANG_ENGLISH} "&Delete my settings, the password and the list of calls, too"
LangString FORGET ${LANG_ITALIAN} "&Elimina anche le impostazioni, la password e l'elenco delle chiamate"
LangString BUSY ${LANG_ENGLISH} "Cornetta is still running and does not end. Close it, and try again."
LangString BUSY ${LANG_ITALIAN} "Cornetta è ancora in esecuzione e non si chiude. Chiudila e riprova."
LangString NO64 ${LANG_ENGLISH} "Cornetta needs a 64-bit Windows 10 or later."
LangString NO64 ${LANG_ITALIAN} "Cornetta richiede Windows 10 a 64 bit o successivo."

; Waits until nothing holds FILE, for ten seconds; $0 is then empty.
!macro Free FILE
  StrCpy $1 0
  ${Do}
    StrCpy $0 ""
    ${IfNot} ${FileExists} "${FILE}"
      ${Break}
    ${EndIf}
    ClearErrors
    FileOpen $2 "${FILE}" a
    ${IfNot} ${Errors}
      FileClose $2
      ${Break}
    ${EndIf}
    StrCpy $0 "${FILE}"
    Sleep 200
    IntOp $1 $1 + 1
  ${LoopUntil} $1 > 50
!macroend

; Has the Cornetta that runs end. A call goes on, and is found again by the one that
; starts next.
!macro EndCornetta un
Function ${un}EndCornetta
  again:
  ${If} ${FileExists} "$INSTDIR\cornetta.exe"
    ExecWait '"$INSTDIR\cornetta.exe" quit $9'
  ${EndIf}
  !insertmacro Free "$INSTDIR\cornetta-ui.exe"
  ${If} $0 == ""
    !insertmacro Free "$INSTDIR\cornetta.exe"
  ${EndIf}
  ${If} $0 == ""
    !insertmacro Free "$INSTDIR\cornetta.com"
  ${EndIf}
  ${If} $0 != ""
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(BUSY)" /SD IDCANCEL IDRETRY again
    SetErrorLevel 2
    Abort
  ${EndIf}
FunctionEnd
!macroend
!insertmacro EndCornetta ""
!insertmacro EndCornetta "un."

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "$(NO64)" /SD IDOK
    SetErrorLevel 2
    Abort
  ${EndIf}
  ; Who has it already is asked nothing that they were asked before.
  StrCpy $Autostart "yes"
  ReadRegStr $0 HKCU "${UNINSTALL}" "UninstallString"
  ${If} $0 != ""
    ReadRegStr $0 HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "Cornetta"
    ${If} $0 == ""
      StrCpy $Autostart "no"
    ${EndIf}
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AUTOSTART=" $1
  ${IfNot} ${Errors}
    StrCpy $Autostart $1
  ${EndIf}
FunctionEnd

Function ChooseAutostart
  !insertmacro MUI_HEADER_TEXT "$(HEAD)" "$(SUBHEAD)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateCheckbox} 0 0 100% 12u "$(START)"
  Pop $AutostartBox
  ${If} $Autostart == "yes"
    ${NSD_Check} $AutostartBox
  ${EndIf}
  ${NSD_CreateLabel} 0 24u 100% 36u "$(LINKS)"
  Pop $0
  ${NSD_SetFocus} $AutostartBox
  nsDialogs::Show
FunctionEnd

Function ChoseAutostart
  ${NSD_GetState} $AutostartBox $0
  StrCpy $Autostart "no"
  ${If} $0 == ${BST_CHECKED}
    StrCpy $Autostart "yes"
  ${EndIf}
FunctionEnd

Section
  StrCpy $9 "--for-upgrade"
  Call EndCornetta
  SetOutPath "$INSTDIR"
  ClearErrors
  File "${FILES}/cornetta.exe"
  File "${FILES}/cornetta.com"
  File "${FILES}/cornetta-ui.exe"
  File "${FILES}/cornetta.png"
  File "${FILES}/LICENSE.txt"
  File /r "${FILES}/docs"
  ${If} ${Errors}
    SetErrorLevel 2
    Abort
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Cornetta.lnk" "$INSTDIR\cornetta.exe" "" "" "" "" "" "$(HEAD)"

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Cornetta"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\cornetta.exe"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Cornetta contributors"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  SectionGetSize 0 $0
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0

  StrCpy $0 "--quiet"
  ${If} $Autostart != "yes"
    StrCpy $0 "--quiet --no-autostart"
  ${EndIf}
  ExecWait '"$INSTDIR\cornetta.exe" install $0'
  Exec '"$INSTDIR\cornetta.exe" resume'
SectionEnd

Function un.onInit
  StrCpy $Forget "no"
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/FORGET" $1
  ${IfNot} ${Errors}
    StrCpy $Forget "yes"
  ${EndIf}
FunctionEnd

Function un.ChooseForget
  !insertmacro MUI_HEADER_TEXT "$(FORGETHEAD)" "$(FORGETSUB)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateCheckbox} 0 0 100% 12u "$(FORGET)"
  Pop $ForgetBox
  nsDialogs::Show
FunctionEnd

Function un.ChoseForget
  ${NSD_GetState} $ForgetBox $0
  ${If} $0 == ${BST_CHECKED}
    StrCpy $Forget "yes"
  ${EndIf}
FunctionEnd

Section "Uninstall"
  StrCpy $9 ""
  Call un.EndCornetta
  StrCpy $0 ""
  ${If} $Forget == "yes"
    StrCpy $0 "--forget"
  ${EndIf}
  ExecWait '"$INSTDIR\cornetta.exe" uninstall $0'
  Delete "$SMPROGRAMS\Cornetta.lnk"
  Delete "$INSTDIR\cornetta.exe"
  Delete "$INSTDIR\cornetta.com"
  Delete "$INSTDIR\cornetta-ui.exe"
  Delete "$INSTDIR\cornetta.png"
  Delete "$INSTDIR\LICENSE.txt"
  RMDir /r "$INSTDIR\docs"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only where it is empty
  RMDir "$LOCALAPPDATA\Programs" ; which Windows makes when it is needed
  DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd
