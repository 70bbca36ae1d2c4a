// Command wxs prints the description of the installer for a whole machine, which wixl
// makes an .msi of: files, and the same values of the registry that `cornetta install`
// writes for one person.
//
//	wxs VERSION
//	wxs -queries
//	wxs -settle FILE.msi
//	wxs -labels
//
// It stands in the folder with the files. What whoever installs or removes it can say is
// in properties:
//
//	msiexec /i cornetta-1.2.3.msi /qn AUTOSTART=0 ENROLMENT=\\server\share\company.cornetta-enroll
//	msiexec /x cornetta-1.2.3.msi /qn FORGET=1
//
// wixl does not know all that a package can say: -queries prints the rest, for msibuild.
//
// -labels are for the other installer: what Cornetta is, in each language.
//
// All ids are made of names, so that the same version has the same. What wixl takes from
// the clock and from chance, -settle takes out again of the package that it made, whose
// time is then SOURCE_DATE_EPOCH.
package main

import (
	"crypto/sha1"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// programFile is where Windows says the program is, while it installs.
const programFile = "[INSTALLDIR]cornetta.exe"

// upgradeCode is the same in all versions, so that one replaces the other.
const upgradeCode = "3F0C64A5-7B1E-4D0B-8C55-3D0E1B8D92A7"

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "-settle":
		err = settleFile(os.Args[2], os.Getenv("SOURCE_DATE_EPOCH"))
	case len(os.Args) == 2 && os.Args[1] == "-queries":
		err = queries(os.Stdout)
	case len(os.Args) == 2 && os.Args[1] == "-labels":
		for language, says := range words.Translations(words.LabelDialsThrough) {
			fmt.Printf("!define DIALS_%s \"%s\"\n", language, strings.ReplaceAll(says, `"`, `$\"`))
		}
	case len(os.Args) == 2:
		err = write(os.Stdout, os.Args[1])
	default:
		fmt.Fprintln(os.Stderr, "usage: wxs VERSION | wxs -queries | wxs -settle FILE.msi | wxs -labels")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wxs:", err)
		os.Exit(1)
	}
}

// properties are those that stand behind msiexec as NAME=VALUE, and reach what it does as
// the system also from who is an administrator only for the asking. What each does is in
// the description below; README says it to people.
var properties = []string{
	"AUTOSTART", // 0 or 1: whether it starts with everybody's session
	"ENROLMENT", // path of an enrolment file, by which each person's assistant is filled in
	"FORGET",    // 1, where it is removed: the settings of who removes it go, too
}

func settleFile(path, epoch string) error {
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	msi, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := settle(msi, time.Unix(seconds, 0)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, msi, 0o644)
}

func write(w io.Writer, version string) error {
	values, spoken, start := registration()
	docs, err := guides(".")
	if err != nil {
		return err
	}
	docs.Folders = append(docs.Folders, templates(words.Languages()))
	return description.Execute(w, map[string]any{
		"Guides":  docs,
		"Version": version, "UpgradeCode": upgradeCode,
		"Values": values, "Spoken": spoken, "Start": start,
		"Shortcut": words.Translations(words.LabelDialsThrough),
	})
}

// registration are the values by which Cornetta is known: those that are the same in every
// language, and the others for each.
func registration() (all []desktop.RegistryValue, spoken map[string][]desktop.RegistryValue, start desktop.RegistryValue) {
	words.Use("en")
	defer words.Use("en")
	english, start := desktop.RegistryForAllUsers(programFile)
	languages := map[string][]desktop.RegistryValue{}
	for _, language := range words.Languages() {
		words.Use(language)
		languages[language], _ = desktop.RegistryForAllUsers(programFile)
	}
	spoken = map[string][]desktop.RegistryValue{}
	for i, value := range english {
		same := true
		for _, values := range languages {
			same = same && values[i] == value
		}
		if same {
			all = append(all, value)
			continue
		}
		for language, values := range languages {
			spoken[language] = append(spoken[language], values[i])
		}
	}
	return all, spoken, start
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

// machines are the languages of Windows that a language of ours is for; English is for
// all others.
var machines = map[string][]string{"it": {"1040", "2064"}}

// queries say of a package what wixl has no words for: which properties may be given, and
// that what Windows shows of it is in the language of the machine.
func queries(w io.Writer) error {
	for _, language := range slices.Sorted(maps.Keys(words.Translations(words.LabelDialsThrough))) {
		condition, err := condition(language)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "UPDATE `Component` SET `Condition`='%s' WHERE `Component`='Menu_%s'\n", condition, language)
	}
	fmt.Fprintln(w, "UPDATE `Component` SET `Condition`='ENROLMENT' WHERE `Component`='Enrolment'")
	// The first two are wixl's own.
	_, err := fmt.Fprintf(w, "UPDATE `Property` SET `Value`='WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;%s' WHERE `Property`='SecureCustomProperties'\n", strings.Join(properties, ";"))
	return err
}

// condition is for a machine that speaks a language.
func condition(language string) (string, error) {
	var all []string
	for _, code := range slices.Sorted(maps.Keys(machines)) {
		for _, id := range machines[code] {
			switch language {
			case code:
				all = append(all, "SystemLanguageID = "+id)
			case "en":
				all = append(all, "NOT SystemLanguageID = "+id)
			}
		}
	}
	if len(all) == 0 {
		return "", fmt.Errorf("no Windows is known to speak %q: machines lacks it", language)
	}
	if language == "en" {
		return strings.Join(all, " AND "), nil
	}
	return strings.Join(all, " OR "), nil
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
    <MajorUpgrade DowngradeErrorMessage="A later version of Cornetta is installed already. / Risulta installata una versione successiva di Cornetta."/>
    <Icon Id="cornetta.ico" SourceFile="cornetta.ico"/>
    <Property Id="ARPPRODUCTICON" Value="cornetta.ico"/>
    <Property Id="ARPNOMODIFY" Value="1"/>
    <Property Id="INSTALLED_PROGRAM">
      <RegistrySearch Id="InstalledProgram" Win64="yes" Root="HKLM" Key="Software\Cornetta" Name="Program" Type="raw"/>
    </Property>
    <Property Id="EARLIER_AUTOSTART">
      <RegistrySearch Id="EarlierAutostart" Win64="yes" Root="HKLM" Key="{{xml .Start.Key}}" Name="{{xml .Start.Name}}" Type="raw"/>
    </Property>

    <Property Id="EARLIER_ENROLMENT">
      <RegistrySearch Id="EarlierEnrolment" Win64="yes" Root="HKLM" Key="Software\Cornetta" Name="Enrolment" Type="raw"/>
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
          <!-- Only where ENROLMENT is given: see queries. -->
          <Component Id="Enrolment" Win64="yes" Guid="{{id "Enrolment"}}">
            <RegistryValue Root="HKLM" Key="Software\Cornetta" Name="Enrolment" Type="string" Value="[ENROLMENT]" KeyPath="yes"/>
          </Component>
          <Component Id="Autostart" Win64="yes" Guid="{{id "Autostart"}}">
            <RegistryValue Root="HKLM" Key="{{xml .Start.Key}}" Name="{{xml .Start.Name}}" Type="string" Value="{{xml .Start.Data}}" KeyPath="yes"/>
          </Component>
        </Directory>
      </Directory>
      <Directory Id="ProgramMenuFolder">
{{- range $language, $says := .Shortcut}}
        <!-- One of them is there, with all that speaks: see queries. -->
        <Component Id="Menu_{{$language}}" Win64="yes" Guid="{{if eq $language "en"}}{{id "Menu"}}{{else}}{{id "Menu" $language}}{{end}}">
          <Shortcut Id="Shortcut_{{$language}}" Name="Cornetta" Description="{{xml $says}}" Target="[INSTALLDIR]cornetta.exe" WorkingDirectory="INSTALLDIR"/>
          <RegistryValue Root="HKLM" Key="Software\Cornetta" Name="Menu" Type="string" Value="{{$language}}" KeyPath="yes"/>
{{- range index $.Spoken $language}}
          <RegistryValue Root="HKLM" Key="{{xml .Key}}"{{with .Name}} Name="{{xml .}}"{{end}} Type="string" Value="{{xml .Data}}"/>
{{- end}}
        </Component>
{{- end}}
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
      <ComponentRef Id="Enrolment"/>
{{- range $language, $_ := .Shortcut}}
      <ComponentRef Id="Menu_{{$language}}"/>
{{- end}}
    </Feature>
    <Feature Id="Autostart" Level="1" Title="Start with everybody's session">
      <ComponentRef Id="Autostart"/>
    </Feature>

    <!-- AUTOSTART chooses the feature of that name. Where it or ENROLMENT is not given an
         upgrade has what there was. -->
    <CustomAction Id="WithoutAutostart" Property="ADDLOCAL" Value="Cornetta"/>
    <CustomAction Id="WithAutostart" Property="ADDLOCAL" Value="ALL"/>
    <CustomAction Id="KeepEnrolment" Property="ENROLMENT" Value="[EARLIER_ENROLMENT]"/>
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
      <Custom Action="KeepEnrolment" Sequence="113">NOT ENROLMENT AND EARLIER_ENROLMENT</Custom>
      <Custom Action="EndForUpgrade" After="MigrateFeatureStates">INSTALLED_PROGRAM AND NOT REMOVE="ALL"</Custom>
      <Custom Action="End" After="EndForUpgrade">INSTALLED_PROGRAM AND REMOVE="ALL"</Custom>
      <Custom Action="Unregister" After="End">INSTALLED_PROGRAM AND REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND NOT FORGET="1"</Custom>
      <Custom Action="Forget" After="Unregister">INSTALLED_PROGRAM AND REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND FORGET="1"</Custom>
      <Custom Action="StartAgain" After="InstallFinalize">NOT REMOVE="ALL"</Custom>
    </InstallExecuteSequence>
  </Product>
</Wix>
`))
