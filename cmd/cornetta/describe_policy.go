package main

import (
	"cmp"
	"encoding/xml"
	"strings"

	"cornetta/dialer/config"
	"cornetta/dialer/setting"
	"cornetta/ui/words"
)

// The templates of a group policy: what there is to choose (ADMX), and how it is called in
// a language (ADML). Each setting is there twice, as a default and locked. They are made
// of the descriptions of the settings and of their words.

// policyLevel is one of the two, with the key of the registry that it is written to.
type policyLevel struct {
	config.Level
	key       string
	name, say words.Label
}

var policyLevels = []policyLevel{
	{config.LevelLocked, "Locked", words.LabelLockedPolicy, words.SayLockedPolicy},
	{config.LevelDefault, "Default", words.LabelDefaultPolicy, words.SayDefaultPolicy},
}

// policySettings are all of them, in the order of the file.
func policySettings() []config.Setting {
	var all []config.Setting
	for _, group := range []string{"", "keys", "numbers", "hooks", "colleagues", "account"} {
		all = append(all, config.Settings(group)...)
	}
	return all
}

func xmlQuoted(s string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(s)) // a Builder takes everything
	return `"` + out.String() + `"`
}

// codeID is the part of an id that a choice's code makes, of which one may be empty.
func codeID(key, code string) string { return key + "_is_" + cmp.Or(code, "usual") }

// admx prints what there is to choose.
func (d describer) admx() {
	d.line(`<?xml version="1.0" encoding="utf-8"?>`)
	d.line(`<policyDefinitions xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">`)
	d.line(`  <policyNamespaces>`)
	d.line(`    <target prefix="cornetta" namespace="Cornetta.Policies.Cornetta"/>`)
	d.line(`    <using prefix="windows" namespace="Microsoft.Policies.Windows"/>`)
	d.line(`  </policyNamespaces>`)
	d.line(`  <resources minRequiredRevision="1.0"/>`)
	d.line(`  <categories>`)
	d.line(`    <category name="Cornetta" displayName="$(string.program)"/>`)
	for _, level := range policyLevels {
		d.line(`    <category name="%s" displayName="$(string.%[1]s)"><parentCategory ref="Cornetta"/></category>`, level.key)
	}
	d.line(`  </categories>`)
	d.line(`  <policies>`)
	for _, level := range policyLevels {
		for _, s := range policySettings() {
			d.policy(level, s)
		}
	}
	d.line(`  </policies>`)
	d.line(`</policyDefinitions>`)
}

func (d describer) policy(level policyLevel, s config.Setting) {
	id := level.key + "_" + s.Key
	value, more := "", ` presentation="$(presentation.`+id+`)"`
	if s.Kind == setting.KindSwitch {
		value, more = ` valueName=`+xmlQuoted(s.Key), ""
	}
	d.line(`    <policy name="%s" class="Both" displayName="$(string.%s)" explainText="$(string.%s)" key="Software\Policies\Cornetta\%s"%s%s>`,
		id, s.Key, id, level.key, value, more)
	d.line(`      <parentCategory ref="%s"/>`, level.key)
	d.line(`      <supportedOn ref="windows:SUPPORTED_Windows7"/>`)
	switch s.Kind {
	case setting.KindSwitch:
		d.line(`      <enabledValue><decimal value="1"/></enabledValue>`)
		d.line(`      <disabledValue><decimal value="0"/></disabledValue>`)
	case setting.KindCount:
		d.line(`      <elements><decimal id="%s" valueName="%[1]s" minValue="%d" maxValue="%d" required="true"/></elements>`, s.Key, s.Low, s.High)
	case setting.KindChoice:
		d.line(`      <elements><enum id="%s" valueName="%[1]s" required="true">`, s.Key)
		for _, code := range s.Codes {
			d.line(`        <item displayName="$(string.%s)"><value><string>%s</string></value></item>`, codeID(s.Key, code), code)
		}
		d.line(`      </enum></elements>`)
	case setting.KindList:
		d.line(`      <elements><multiText id="%s" valueName="%[1]s"/></elements>`, s.Key)
	default:
		d.line(`      <elements><text id="%s" valueName="%[1]s"/></elements>`, s.Key)
	}
	d.line(`    </policy>`)
}

// adml prints the words of it in the language in use.
func (d describer) adml() {
	d.line(`<?xml version="1.0" encoding="utf-8"?>`)
	d.line(`<policyDefinitionResources xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">`)
	d.line(`  <displayName>%s</displayName>`, words.Text(words.LabelApp))
	d.line(`  <description>%s</description>`, strings.Trim(xmlQuoted(words.Text(words.LabelDialsThrough)), `"`))
	d.line(`  <resources>`)
	d.line(`    <stringTable>`)
	entry := func(id, text string) {
		d.line(`      <string id="%s">%s</string>`, id, strings.Trim(xmlQuoted(text), `"`))
	}
	entry("program", words.Text(words.LabelApp))
	for _, level := range policyLevels {
		entry(level.key, words.PolicyCategory(level.name))
	}
	for _, s := range policySettings() {
		entry(s.Key, words.FieldName(s.Key))
		for _, code := range s.Codes {
			entry(codeID(s.Key, code), words.FieldValue(s.Key, code))
		}
		for _, level := range policyLevels {
			entry(level.key+"_"+s.Key, words.FieldWant(s.Key)+" "+words.Text(level.say))
		}
	}
	d.line(`    </stringTable>`)
	d.line(`    <presentationTable>`)
	for _, level := range policyLevels {
		for _, s := range policySettings() {
			label := strings.Trim(xmlQuoted(words.FieldName(s.Key)), `"`)
			field := ""
			switch s.Kind {
			case setting.KindSwitch:
				continue
			case setting.KindCount:
				field = `<decimalTextBox refId="` + s.Key + `" spin="false">` + label + `</decimalTextBox>`
			case setting.KindChoice:
				field = `<dropdownList refId="` + s.Key + `" noSort="true">` + label + `</dropdownList>`
			case setting.KindList:
				field = `<multiTextBox refId="` + s.Key + `">` + label + `</multiTextBox>`
			default:
				field = `<textBox refId="` + s.Key + `"><label>` + label + `</label></textBox>`
			}
			d.line(`      <presentation id="%s">%s</presentation>`, level.key+"_"+s.Key, field)
		}
	}
	d.line(`    </presentationTable>`)
	d.line(`  </resources>`)
	d.line(`</policyDefinitionResources>`)
}
