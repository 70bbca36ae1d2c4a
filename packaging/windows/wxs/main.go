// Command wxs prints the description of the installer for a whole machine, which wixl
// makes an .msi of: files, and the same values of the registry that `cornetta install`
// writes for one person.
//
//	wxs VERSION
//
// It stands in the folder with the files. Who installs it can say AUTOSTART=0, who
// removes it FORGET=1:
//
//	msiexec /i cornetta-1.2.3.msi /qn AUTOSTART=0
//	msiexec /x cornetta-1.2.3.msi /qn FORGET=1
//
// All ids are made of names, so that the same version has the same.
package main

import (
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
	"text/template"

	"cornetta/ui/desktop"
)

// programFile is where Windows says the program is, while it installs.
const programFile = "[INSTALLDIR]cornetta.exe"

// upgradeCode is the same in all versions, so that one replaces the other.
const upgradeCode = "3F0C64A5-7B1E-4D0B-8C55-3D0E1B8D92A7"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: wxs VERSION")
		os.Exit(2)
	}
	if err := write(os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "wxs:", err)
		os.Exit(1)
	}
}

func write(w io.Writer, version string) error {
	values, start := desktop.RegistryForAllUsers(programFile)
	docs, err := guides(".")
	if err != nil {
		return err
	}
	return description.Execute(w, map[string]any{
		"Guides":  docs,
		"Version": version, "UpgradeCode": upgradeCode,
		"Values": values, "Start": start,
	})
}

// id is a GUID made of a name, which is another for each version where that is in it.
func id(parts ...string) string {
	s := sha1.Sum([]byte(upgradeCode + strings.Join(parts, "\n")))
	s[6], s[8] = s[6]&0x0f|0x50, s[8]&0x3f|0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", s[0:4], s[4:6], s[6:8], s[8:10], s[10:16]))
}

// numbers are those of a version, which is all that Windows compares.
func numbers(version string) string {
	n, _, _ := strings.Cut(version, "-")
	return n
}

func escape(s string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}

var description = template.Must(template.New("").Funcs(template.FuncMap{"id": id, "numbers": numbers, "xml": escape, "guide": guideID}).Parse(
	`<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="{{id "product" .Version}}" UpgradeCode="{{.UpgradeCode}}" Name="Cornetta" Version="{{numbers .Version}}" Manufacturer="Cornetta contributors" Language="1033">
    <Package Id="{{id "package" .Version}}" InstallerVersion="500" Compressed="yes" InstallScope="perMachine" Manufacturer="Cornetta contributors" Description="Cornetta {{.Version}}"/>
    <Media Id="1" Cabinet="cornetta.cab" EmbedCab="yes"/>
    <MajorUpgrade DowngradeErrorMessage="A later version of Cornetta is installed already."/>
    <Icon Id="cornetta.ico" SourceFile="cornetta.ico"/>
    <Property Id="ARPPRODUCTICON" Value="cornetta.ico"/>
    <Property Id="ARPNOMODIFY" Value="1"/>
    <Property Id="INSTALLED_PROGRAM">
      <RegistrySearch Id="InstalledProgram" Win64="yes" Root="HKLM" Key="Software\Cornetta" Name="Program" Type="raw"/>
    </Property>
    <Property Id="EARLIER_AUTOSTART">
      <RegistrySearch Id="EarlierAutostart" Win64="yes" Root="HKLM" Key="{{xml .Start.Key}}" Name="{{xml .Start.Name}}" Type="raw"/>
    </Property>

    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="INSTALLDIR" Name="Cornetta">
          <Component Id="Program" Win64="yes" Guid="{{id "Program"}}">
            <File Id="cornetta.exe" Name="cornetta.exe" Source="cornetta.exe" KeyPath="yes"/>
          </Component>
          <Component Id="CommandLine" Win64="yes" Guid="{{id "CommandLine"}}">
            <File Id="cornetta.com" Name="cornetta.com" Source="cornetta.com" KeyPath="yes"/>
          </Component>
          <Component Id="Windows" Win64="yes" Guid="{{id "Windows"}}">
            <File Id="cornetta_ui.exe" Name="cornetta-ui.exe" Source="cornetta-ui.exe" KeyPath="yes"/>
          </Component>
          <Component Id="Picture" Win64="yes" Guid="{{id "Picture"}}">
            <File Id="cornetta.png" Name="cornetta.png" Source="cornetta.png" KeyPath="yes"/>
          </Component>
          <Component Id="License" Win64="yes" Guid="{{id "License"}}">
            <File Id="LICENSE.txt" Name="LICENSE.txt" Source="LICENSE.txt" KeyPath="yes"/>
          </Component>
{{template "guides" .Guides}}
          <Component Id="Registration" Win64="yes" Guid="{{id "Registration"}}">
{{- range $i, $v := .Values}}
            <RegistryValue Root="HKLM" Key="{{xml .Key}}"{{with .Name}} Name="{{xml .}}"{{end}} Type="string" Value="{{xml .Data}}"{{if not $i}} KeyPath="yes"{{end}}/>
{{- end}}
          </Component>
          <Component Id="Autostart" Win64="yes" Guid="{{id "Autostart"}}">
            <RegistryValue Root="HKLM" Key="{{xml .Start.Key}}" Name="{{xml .Start.Name}}" Type="string" Value="{{xml .Start.Data}}" KeyPath="yes"/>
          </Component>
        </Directory>
      </Directory>
      <Directory Id="ProgramMenuFolder">
        <Component Id="Menu" Win64="yes" Guid="{{id "Menu"}}">
          <Shortcut Id="CornettaShortcut" Name="Cornetta" Description="Dial through the phone on your desk" Target="[INSTALLDIR]cornetta.exe" WorkingDirectory="INSTALLDIR"/>
          <RegistryValue Root="HKLM" Key="Software\Cornetta" Name="Menu" Type="string" Value="yes" KeyPath="yes"/>
        </Component>
      </Directory>
    </Directory>

    <Feature Id="Cornetta" Level="1" Title="Cornetta">
      <ComponentRef Id="Program"/>
      <ComponentRef Id="CommandLine"/>
      <ComponentRef Id="Windows"/>
      <ComponentRef Id="Picture"/>
      <ComponentRef Id="License"/>
{{- range .Guides.All}}
      <ComponentRef Id="{{guide .}}"/>
{{- end}}
      <ComponentRef Id="Registration"/>
      <ComponentRef Id="Menu"/>
    </Feature>
    <Feature Id="Autostart" Level="1" Title="Start with everybody's session">
      <ComponentRef Id="Autostart"/>
    </Feature>

    <!-- AUTOSTART chooses the feature of that name. Where it is not given an upgrade has
         what there was. -->
    <CustomAction Id="WithoutAutostart" Property="ADDLOCAL" Value="Cornetta"/>
    <CustomAction Id="WithAutostart" Property="ADDLOCAL" Value="ALL"/>
    <CustomAction Id="NoMoreAutostart" Property="REMOVE" Value="Autostart"/>

    <!-- Whoever installs is asked to let go of the programs, where they use them; a call
         goes on. Others' programs Windows itself ends and starts again. -->
    <CustomAction Id="EndForUpgrade" Property="INSTALLED_PROGRAM" ExeCommand="quit --for-upgrade" Impersonate="yes" Return="ignore"/>
    <CustomAction Id="End" Property="INSTALLED_PROGRAM" ExeCommand="quit" Impersonate="yes" Return="ignore"/>
    <CustomAction Id="Unregister" Property="INSTALLED_PROGRAM" ExeCommand="uninstall" Impersonate="yes" Return="ignore"/>
    <CustomAction Id="Forget" Property="INSTALLED_PROGRAM" ExeCommand="uninstall --forget" Impersonate="yes" Return="ignore"/>
    <CustomAction Id="StartAgain" FileKey="cornetta.exe" ExeCommand="resume" Impersonate="yes" Return="asyncNoWait"/>
    <InstallExecuteSequence>
      <Custom Action="WithoutAutostart" Sequence="110">NOT Installed AND (AUTOSTART="0" OR (NOT AUTOSTART AND INSTALLED_PROGRAM AND NOT EARLIER_AUTOSTART))</Custom>
      <Custom Action="WithAutostart" Sequence="111">AUTOSTART="1" AND NOT REMOVE</Custom>
      <Custom Action="NoMoreAutostart" Sequence="112">AUTOSTART="0" AND Installed AND NOT REMOVE</Custom>
      <Custom Action="EndForUpgrade" After="MigrateFeatureStates">INSTALLED_PROGRAM AND NOT REMOVE="ALL"</Custom>
      <Custom Action="End" After="EndForUpgrade">INSTALLED_PROGRAM AND REMOVE="ALL"</Custom>
      <Custom Action="Unregister" After="End">INSTALLED_PROGRAM AND REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND NOT FORGET="1"</Custom>
      <Custom Action="Forget" After="Unregister">INSTALLED_PROGRAM AND REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND FORGET="1"</Custom>
      <Custom Action="StartAgain" After="InstallFinalize">NOT REMOVE="ALL"</Custom>
    </InstallExecuteSequence>
  </Product>
</Wix>
`))
