package number

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cornetta/dialer/setting"
)

// neighbours are what stands next to the cases of the specification: the same
// rule from another side. want is a dial string, an error, or "ask", the dial
// string and the reasons. Settings are key=value, on top of the specification's
// defaults.
var neighbours = []struct {
	source   Source
	input    string
	settings string
	want     string
}{
	// What is typed is a keypad.
	{Typed, "201", "", "201"},
	{Typed, "0", "", "0"},
	{Typed, "12345", "", "12345"},
	{Typed, "0112", "", "0112"},
	{Typed, "118", "typed_is=public", "118"},
	{Typed, "118", "typed_is=public ext_max_len=2", "118"}, // never behind an outside line
	{Typed, "000390612345678", "", "000390612345678"},
	{Typed, "00442079460018", "", "00442079460018"},
	{Typed, "*9", "", "*9"},
	{Typed, "*21*3331234567#", "", "*21*3331234567#"},
	{Typed, "* 21 * 333 #", "", "*21*333#"},
	{Typed, "##", "", "no_digits"},
	{Typed, "201", "typed_is=public", "201"},
	{Typed, "20155", "typed_is=public", "020155"},
	{Typed, "20155", "typed_is=public ext_max_len=5", "20155"},
	{Typed, "00612345678", "typed_is=public", "ask 000612345678 international"}, // would ring Australia
	{Typed, "+61 2 9123 4567", "typed_is=public prefix=", "0061291234567"},
	{Typed, "06.1234.5678", "prefix=", "0612345678"},
	{Typed, "06-12-34-56-78", "prefix=", "0612345678"},
	{Typed, "0 0586/123456", "", "00586123456"},

	// + and the outside line.
	{Typed, "+39 06 1234 5678", "", "000390612345678"},
	{Typed, "+39 06 1234 5678", "prefix=9", "900390612345678"},
	{Typed, "+39 06 1234 5678", "home_national=true", "00612345678"},
	{Typed, "+39 06 1234 5678", "home_national=true prefix=", "0612345678"},
	{Typed, "+39 06 1234 5678", "home_national=true plus=keep", "00612345678"},
	{Typed, "+39 333 1234567", "home_national=true", "03331234567"},
	{Typed, "+39 06 698 12345", "home_national=true", "00669812345"}, // the Vatican is dialled as Rome
	{Typed, "+378 0549 882345", "home_national=true", "0003780549882345"},
	{Typed, "+44 20 7946 0018", "home_national=true region=GB", "002079460018"},
	{Typed, "+1 415 555 0100", "home_national=true region=US prefix=9", "94155550100"},
	{Typed, "+39 0333 1234567", "home_national=true", "ask 03331234567 completed"}, // a mobile with a zero too many
	{Typed, "00390612345678", "home_national=true", "00390612345678"},
	{Clipboard, "00390612345678", "home_national=true prefix=", "0612345678"},
	{Clipboard, "+39 06 12345678", "plus=keep", "+390612345678"},
	{Typed, "+44 20 7946 0018", "plus=keep", "+442079460018"},
	{Typed, "+", "", "no_digits"},
	{Typed, "+39 06", "", "too_short"},
	{Typed, "+39112", "home_national=true", "too_short"},
	{Typed, "39+0612345678", "", "misplaced_plus"},
	{Typed, "+39+0612345678", "", "misplaced_plus"},
	{Typed, "0612345678+", "", "misplaced_plus"},
	{Typed, "+1234567890123456", "", "too_many_digits"},
	{Typed, "+123456789012345", "prefix=", "ask 00123456789012345 not_in_plan"},
	{Typed, "+*21#", "", "invalid_character"},

	// A zero between the country's code and the number.
	{Typed, "+39 (0)6 12345678", "prefix=", "00390612345678"},
	{Typed, "+39 ( 0 ) 333 1234567", "prefix=", "ask 003903331234567 ambiguous_trunk_zero"},
	{Typed, "+44 (0)20 7946 0018", "prefix=", "00442079460018"},
	{Typed, "+44 (0) 20-7946-0018", "prefix=", "00442079460018"},
	{Typed, "+49 (0)30 123456", "prefix=", "004930123456"},
	{Typed, "+44 020 7946 0018", "prefix=", "ask 00442079460018 ambiguous_trunk_zero"},
	{Typed, "+34 (0)912345678", "prefix=", "ask 0034912345678 ambiguous_trunk_zero"}, // no habit there
	{Typed, "0044 (0)20 7946 0018", "prefix=", "00442079460018"},
	{Typed, "0 0044 (0)20 7946 0018", "", "000442079460018"},
	{Typed, "06 (0)1234567", "prefix=", "ambiguous_separator"},
	{Typed, "0039 06 (0)123", "prefix=", "ambiguous_separator"},
	{Link, "tel:+39(0)3331234567", "prefix=", "ask 003903331234567 ambiguous_trunk_zero,link"},
	{Link, "tel:+44(0)2079460018", "prefix=", "ask 00442079460018 international,link"},

	// Separators that may be more than that.
	{Typed, "06 1234567-8", "prefix=", "ambiguous_separator"},
	{Typed, "06 1234567/68", "prefix=", "ambiguous_separator"},
	{Typed, "06 1234567 (12)", "prefix=", "ambiguous_separator"},
	{Typed, "06/1234/5678", "prefix=", "ambiguous_separator"},
	{Typed, "*21/3331234567", "prefix=", "ambiguous_separator"},
	{Typed, "+39 0586/123456", "prefix=", "00390586123456"},
	{Typed, "+39 0586 - 123456", "prefix=", "00390586123456"},
	{Typed, "+49 721 608-0", "prefix=", "00497216080"},
	{Typed, "06 1234567 - 333 1234567", "prefix=", "multiple_numbers"},
	{Typed, "06 1234567 – 333 1234567", "prefix=", "multiple_numbers"},
	{Typed, "06 1234567/06 7654321", "prefix=", "multiple_numbers"},
	{Typed, "06 1234567, 333 1234567", "prefix=", "multiple_numbers"},
	{Typed, "06 1234567; +39 333 1234567", "prefix=", "multiple_numbers"},
	{Typed, "06 1234567 | 333 1234567", "prefix=", "multiple_numbers"},
	{Typed, "06 1234567 333 1234567", "prefix=", "too_many_digits"},

	// What follows a number.
	{Typed, "06 1234567,,123456#", "prefix=", "ask 061234567 post_dial_dropped"},
	{Typed, "06 1234567p12", "prefix=", "ask 061234567 post_dial_dropped"},
	{Typed, "06 1234567 w 12", "prefix=", "ask 061234567 post_dial_dropped"},
	{Typed, "06 1234567,", "prefix=", "061234567"}, // of a sentence
	{Typed, "06 1234567p", "prefix=", "letters"},
	{Typed, "06 1234567 p. 12", "prefix=", "letters"},
	{Typed, ",,12", "prefix=", "invalid_character"},
	{Typed, "06 1234567 int. 12", "prefix=", "ask 061234567 extension_dropped"},
	{Typed, "06 1234567 (interno 12)", "prefix=", "ask 061234567 extension_dropped"},
	{Typed, "06 1234567x12", "prefix=", "ask 061234567 extension_dropped"},
	{Typed, "06 1234567 EXT.12,,3#", "prefix=", "letters"},
	{Clipboard, "06 1234567 int. 12", "prefix=", "ask 061234567 extension_dropped"},
	{Clipboard, "+39 06 1234567,,12#", "prefix=", "ask 0039061234567 post_dial_dropped"},
	{Link, "tel:+39061234567,,12", "prefix=", "ask 0039061234567 link,post_dial_dropped"},

	// Signs, seen and not seen.
	{Typed, "٠٦١٢٣٤٥٦٧٨", "prefix=", "ask 0612345678 converted_digits"},
	{Typed, "०६१२३४५६७८", "prefix=", "ask 0612345678 converted_digits"},
	{Typed, "٠٦ 12345678", "prefix=", "mixed_digit_scripts"},
	{Typed, "٠६१२३४५६७८", "prefix=", "mixed_digit_scripts"},
	{Clipboard, "０６－１２３４－５６７８", "prefix=", "0612345678"},
	{Typed, "𝟎𝟔𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "prefix=", "ask 0612345678 converted_digits"},
	{Typed, "＊２１＃", "", "*21#"},
	{Typed, "①②③④⑤⑥", "", "invalid_character"},
	{Typed, "06\t1234567", "prefix=", "061234567"},
	{Typed, "06\u200b1234567", "prefix=", "061234567"},
	{Typed, "\u206606 1234567\u2069", "prefix=", "061234567"},
	{Typed, "06\u20671234567", "prefix=", "bidi_override"},
	{Typed, "06\u061c1234567", "prefix=", "bidi_override"},
	{Typed, "06\x071234567", "prefix=", "control_character"},
	{Typed, "06\x001234567", "prefix=", "control_character"},
	{Typed, "06\x7f1234567", "prefix=", "control_character"},
	{Typed, "061234567\vAction: x", "prefix=", "line_break"},
	{Typed, "061234567\u2029x", "prefix=", "line_break"},
	{Typed, "061234567\x85x", "prefix=", "invalid_utf8"},
	{Typed, "${EXTEN}", "", "invalid_character"},
	{Typed, "0612345678|g", "", "invalid_character"},
	{Typed, "0612345678 Action: Command", "", "letters"},
	{Typed, "06 1234567, Mario", "", "invalid_character"},
	{Typed, strings.Repeat("1", 41), "", "too_many_digits"},
	{Typed, strings.Repeat("1", 256), "", "too_many_digits"},
	{Typed, "*" + strings.Repeat("1", 40), "", "too_many_digits"},
	{Typed, "*" + strings.Repeat("1", 39), "", "*" + strings.Repeat("1", 39)},
	{Typed, strings.Repeat(" ", 257), "", "too_long"},

	// Premium numbers, however they are reached.
	{Typed, "0899123456", "", "ask 0899123456 premium"}, // behind the outside line
	{Typed, "0899123456", "prefix=", "0899123456"},      // Salerno
	{Typed, "892424", "prefix=", "ask 892424 premium"},
	{Typed, "8991234567", "prefix=", "ask 8991234567 premium"}, // a digit too many is cut by the network
	{Typed, "+39 899 123456", "prefix=", "ask 0039899123456 premium"},
	{Typed, "0039899123456", "prefix=", "ask 0039899123456 premium"},
	{Typed, "000 44 909 879 0000", "", "ask 000449098790000 premium"},
	{Typed, "+979 1 2345 6789", "prefix=", "ask 00979123456789 premium"},
	{Typed, "899123456", "prefix= confirm=always", "ask 899123456 policy,premium"},
	{Typed, "800123456", "prefix=", "800123456"}, // free
	{Clipboard, "899123456", "", "ask 0899123456 premium"},
	{Clipboard, "+44 909 879 0000", "", "ask 000449098790000 international,premium"},
	{Link, "tel:+39899123456", "prefix= confirm=trusted", "ask 0039899123456 link,premium"},

	// Copied numbers are public.
	{Clipboard, "+39 06 12345678", "", "000390612345678"},
	{Clipboard, "333 1234567", "", "03331234567"},
	{Clipboard, "0039 06 12345678", "prefix=", "00390612345678"},
	{Clipboard, "+44 20 7946 0018", "", "ask 000442079460018 international"},
	{Clipboard, "0044 20 7946 0018", "", "ask 000442079460018 international"},
	{Clipboard, "011 44 20 7946 0018", "region=US prefix=9", "ask 9011442079460018 international"},
	{Clipboard, "00391", "", "too_short"},
	{Clipboard, "*21*333#", "", "ask *21*333# feature_code"},
	{Clipboard, "tel:*21%23", "link_feature_codes=block", "ask *21# feature_code"}, // not clicked
	{Clipboard, "118", "", "ask 118 emergency"},
	{Clipboard, "0112", "", "ask 0112 emergency"}, // behind the outside line
	{Clipboard, "112", "ext_max_len=2", "ask 112 emergency"},
	{Clipboard, "911", "region=US prefix=9", "ask 911 emergency"},
	{Clipboard, "112345678", "", "ask 00112345678 completed"},   // Turin without its zero
	{Clipboard, "1123", "ext_max_len=3", "ask 01123 emergency"}, // begins with one, and is nothing else
	{Clipboard, "201", "confirm=always", "ask 201 policy"},
	{Clipboard, "201", "confirm=trusted", "201"},
	{Clipboard, "+44 20 7946 0018", "confirm=trusted", "ask 000442079460018 international"},
	{Clipboard, strings.Repeat("9", 15), "prefix=", "ask " + strings.Repeat("9", 15) + " not_in_plan"},
	{Clipboard, "00" + strings.Repeat("1", 16), "prefix=", "too_many_digits"},
	{Clipboard, "06 12345678 333 1234567", "prefix=", "multiple_numbers"},

	{Clipboard, "393331234567", "home_national=true", "ask 03331234567 completed"},
	{Link, "tel:393331234567", "home_national=true", "ask 03331234567 completed,link"},

	// The outside line is not doubled.
	{Clipboard, "03331234567", "", "03331234567"},
	{Clipboard, "90612345678", "prefix=9", "90612345678"},
	{Clipboard, "000390612345678", "", "000390612345678"},
	{Clipboard, "000442079460018", "", "ask 000442079460018 international"},
	{Clipboard, "90039061234567", "prefix=9", "90039061234567"},
	{Clipboard, "94155550100", "region=US prefix=9", "94155550100"},
	{Clipboard, "9145550100", "region=US prefix=9", "99145550100"}, // New York's 914
	{Clipboard, "0800123456", "", "00800123456"},                   // 080 is Bari
	{Clipboard, "0234567", "", "00234567"},
	{Link, "tel:03331234567", "", "ask 03331234567 link"},
	{Typed, "03331234567", "typed_is=public", "03331234567"},
	{Typed, "0899123456", "typed_is=public", "00899123456"},

	// One number in other text.
	{Clipboard, "Telefono 06 12345678", "prefix=", "0612345678"},
	{Clipboard, "TEL.06/12345678", "prefix=", "0612345678"},
	{Clipboard, "Tel:06 12345678", "prefix=", "0612345678"},
	{Clipboard, "tel:06/12345678", "prefix=", "0612345678"},
	{Clipboard, "Cell. 333 1234567", "prefix=", "3331234567"},
	{Typed, "Tel: 06 12345678", "prefix=", "0612345678"},
	{Clipboard, "Ufficio: 06 12345678", "prefix=", "ask 0612345678 extracted"},
	{Clipboard, "Ufficio:06 12345678", "prefix=", "ask 0612345678 extracted"},
	{Clipboard, "Mario Rossi 06 1234567 int. 12", "prefix=", "ask 061234567 extension_dropped,extracted"},
	{Clipboard, "Mario Rossi, 06 1234567 int. 12, mattina", "prefix=", "ask 061234567 extension_dropped,extracted"},
	{Clipboard, "Chiamare il 899123456 subito", "", "ask 0899123456 extracted,premium"},
	{Clipboard, "Stanza 12, tel. +44 20 7946 0018", "prefix=", "ask 00442079460018 extracted,international"},
	{Clipboard, "ordine 123456 tel 06 1234567", "prefix=", "ask 061234567 extracted"}, // the other is no number
	{Clipboard, "06 1234567 ovvero (06) 123 4567", "prefix=", "ask 061234567 extracted"},
	{Clipboard, "Mario Rossi (06 1234567)", "prefix=", "ask 061234567 extracted"},
	{Clipboard, "Ufficio 06 1234567/68", "prefix=", "ask 061234567 extracted"},
	{Clipboard, "Ufficio 06 1234567 / 333 1234567", "prefix=", "multiple_numbers"},
	{Clipboard, "06 1234567 o 333 1234567", "prefix=", "multiple_numbers"},
	{Clipboard, "interno 201", "", "not_a_number"},
	{Clipboard, "O6 1234567", "", "not_a_number"},
	{Clipboard, "1-800-FLOWERS", "", "not_a_number"},
	{Clipboard, "il 12/03/2024 alle 10:30", "", "not_a_number"},
	{Clipboard, "server 192.168.100.101", "", "not_a_number"},
	{Clipboard, "www.example.com/0612345678", "", "not_a_number"},
	{Clipboard, "mario0612345678@example.com", "", "not_a_number"},
	{Clipboard, "IT60X0542811101000000123456", "", "not_a_number"},
	{Clipboard, "Local/201@c2c", "", "not_a_number"},
	{Clipboard, "0612345678&SIP/itsp/14165551212", "", "ask 00612345678 extracted"},
	{Clipboard, "0612345678,__TENANT_UUID=x", "", "ask 00612345678 extracted"},
	{Clipboard, "javascript:alert(1)", "", "unsupported_scheme"},
	{Clipboard, "mailto:mario@example.com", "", "unsupported_scheme"},
	{Clipboard, "12/03/2024", "", "not_a_number"},
	{Clipboard, "2024-03-12", "", "not_a_number"},
	{Clipboard, "192.168.1.10", "", "not_a_number"},
	{Clipboard, "06.12.34.56.78", "prefix=", "0612345678"},

	// Links.
	{Link, "", "", "empty"},
	{Link, "0612345678", "", "unsupported_scheme"},
	{Link, "skype:echo123?call", "", "unsupported_scheme"},
	{Link, "javascript:alert(1)", "", "unsupported_scheme"},
	{Link, "tel:0612345678", "prefix= confirm=trusted", "0612345678"},
	{Link, "tel:+390612345678", "home_national=true", "ask 00612345678 link"},
	{Link, "tel:201", "", "ask 201 link"},
	{Link, "tel:0612345678", "region= confirm=trusted", "ask 00612345678 link"}, // who knows what it costs
	{Link, "tel:201", "region= confirm=trusted", "ask 201 link"},
	{Link, "tel:112", "confirm=trusted", "ask 112 emergency,link"},
	{Link, "tel:112;phone-context=+39", "", "ask 112 emergency,link"},
	{Link, "tel:911", "region=US prefix=9 confirm=trusted", "ask 911 emergency,link"},
	{Link, "tel:+390612345678", "confirm=always prefix=", "ask 00390612345678 link,policy"},
	{Link, "tel:*21*3331234567#", "", "ask *21*3331234567# feature_code,link"},
	{Link, "tel:*21*3331234567#", "confirm=trusted", "ask *21*3331234567# feature_code,link"},
	{Link, "tel:%2321%23", "link_feature_codes=block", "feature_code_blocked"},
	{Link, "tel:#31#0612345678", "link_feature_codes=block confirm=trusted", "feature_code_blocked"},
	{Link, "tel:+1-473-555-0100", "region=US prefix= confirm=trusted", "ask 0014735550100 international,link"},
	{Link, "tel:4735550100", "region=US prefix= confirm=trusted", "ask 4735550100 international,link"},
	{Link, "tel:+14155550100", "region=US prefix= confirm=trusted", "0014155550100"},
	{Link, "tel:+18005550100", "region=CA prefix= confirm=trusted", "0018005550100"},
	{Link, "tel:+77012345678", "region=RU prefix= confirm=trusted", "ask 0077012345678 international,link"},
	{Link, "tel:+99912345678", "prefix= confirm=trusted", "ask 0099912345678 international,link"},
	{Link, "tel:%30%36%31%32%33%34%35%36%37", "prefix=", "ask 061234567 link"},
	{Link, "tel:+39%2006%201234567", "prefix=", "ask 0039061234567 link"},
	{Link, "tel:+39 06 1234567", "prefix=", "ask 0039061234567 link"},
	{Link, "tel:06/1234567", "", "ask 0061234567 link"},
	{Link, "tel:+39061234567?x=1", "", "invalid_character"},
	{Link, "tel:+39061234567\r\nAction: x", "", "line_break"},
	{Link, "tel:+3906\x001234567", "", "control_character"},
	{Link, "tel:+39\u202e8765432160", "", "bidi_override"},
	{Link, "tel:+39\u200b0612345678", "", "ask 000390612345678 link"},
	{Link, "tel:０６１２３４５６７", "", "ask 0061234567 link"},
	{Link, "tel:%e8", "", "non_ascii"},
	{Link, "tel:061234567%", "", "bad_escape"},
	{Link, "tel:061234567%2", "", "bad_escape"},
	{Link, "tel:06123;x=%zz", "", "bad_escape"},
	{Link, "tel:06123;x=%0a", "", "control_character"},
	{Link, "tel:061234567%3Bext=12", "", "ask 0061234567 extension_dropped,link"}, // not a parameter
	{Link, "tel:;ext=12", "", "empty"},
	{Link, "tel:///", "", "empty"},
	{Link, "callto:+39 06 1234567", "prefix=", "ask 0039061234567 link"},
	{Link, "CALLTO:201", "", "ask 201 link"},
	{Link, "callto:mario@example.com", "", "not_a_number"},
	{Link, "tel:+39061234567;", "", "bad_parameter"},
	{Link, "tel:+39061234567;=1", "", "bad_parameter"},
	{Link, "tel:+39061234567;a b=1", "", "bad_parameter"},
	{Link, "tel:+39061234567;ext=1;ext=2", "", "bad_parameter"},
	{Link, "tel:+39061234567;ext=", "", "bad_parameter"},
	{Link, "tel:+39061234567;ext=a", "", "bad_parameter"},
	{Link, "tel:+39061234567;m-mandatory=1", "", "bad_parameter"},
	{Link, "tel:+39061234567;EXT=12", "prefix=", "ask 0039061234567 extension_dropped,link"},
	{Link, "tel:+39061234567;isub=12", "prefix=", "ask 0039061234567 link,params_ignored"},
	{Link, "tel:+39061234567;foo", "prefix= confirm=trusted", "ask 0039061234567 link,params_ignored"},
	{Link, "tel:+39061234567;phone-context=+44", "prefix=", "ask 0039061234567 link,params_ignored"},
	{Link, "tel:061234567;phone-context=+44", "", "unknown_phone_context"},
	{Link, "tel:061234567;phone-context=+3906", "", "unknown_phone_context"},
	{Link, "tel:061234567;phone-context=", "", "bad_parameter"},
	{Link, "tel:061234567;phone-context=+3-9", "prefix= home_national=true", "ask 061234567 link"},
	{Link, "tel:02079460018;phone-context=+44", "region=GB prefix=", "ask 00442079460018 link"},
	{Link, "tel:7042;phone-context=PBX.example.com", "local_contexts=x.org,pbx.example.com", "ask 7042 link"},
	{Link, "tel:7042000;phone-context=pbx.example.com", "local_contexts=pbx.example.com confirm=trusted", "ask 7042000 link"},
	{Link, "tel:112;phone-context=pbx.example.com", "local_contexts=pbx.example.com confirm=trusted", "ask 112 emergency,link"},
	{Link, "tel:*21#;phone-context=+39", "", "invalid_character"},
	{Clipboard, "tel:+390612345678;ext=12", "prefix=", "ask 00390612345678 extension_dropped"},
	{Clipboard, "callto:+390612345678", "prefix=", "00390612345678"},
	{Typed, "tel:0612345678", "", "00612345678"}, // public, wherever it was put
	{Typed, "tel:1-800-FLOWERS", "", "letters"},

	// Without a country nothing is known to be at home.
	{Clipboard, "+390612345678", "region=", "ask 000390612345678 international"},
	{Clipboard, "0612345678", "region=", "00612345678"},
	{Typed, "+39 06 1234 5678", "region= home_national=true", "000390612345678"},
	{Link, "tel:061234567;phone-context=+39", "region=", "unknown_phone_context"},
}

func settings(t testing.TB, list string) Settings {
	t.Helper()
	s := ReferenceSettings()
	for _, pair := range strings.Fields(list) {
		key, value, _ := strings.Cut(pair, "=")
		if err := s.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestNeighbours(t *testing.T) {
	for _, c := range neighbours {
		s := settings(t, c.settings)
		p := Parse(c.input, c.source, s)
		check(t, p, s)
		if got := brief(p); got != c.want {
			t.Errorf("%s %q %s: %s; want %s\n%v", c.source, c.input, c.settings, got, c.want, p.Steps)
		}
	}
}

func TestCandidates(t *testing.T) {
	for _, c := range []struct {
		source Source
		input  string
		want   []string
	}{
		{Clipboard, "Ufficio 06 1234567 - Cell 333 1234567", []string{"Ufficio 06 1234567", "Cell 333 1234567"}},
		{Typed, "06 1234567 / 333 1234567", []string{"06 1234567", "333 1234567"}},
		{Clipboard, "06 1234567 / 06 7654321 / 333 1234567", []string{"06 1234567", "06 7654321", "333 1234567"}},
		{Clipboard, "06 1234567, +44 20 7946 0018", []string{"06 1234567", "+44 20 7946 0018"}},
		{Clipboard, "Mario Rossi\r\nTel. 06 1234567\r\nFax (06) 7654321\r\nP.IVA 99999999999", []string{"Tel. 06 1234567", "Fax (06) 7654321"}},
		{Clipboard, "06 1234567\n06 1234567", []string{"06 1234567"}},
		{Clipboard, "0612345678\r\nAction: Originate", []string{"0612345678"}},
		{Clipboard, "eins\nzwei", nil},
		{Clipboard, "a\x00 06 1234567\nb", nil},
		{Link, "tel:+390612345678\ntel:+390612345679", []string{"tel +390612345678", "tel +390612345679"}},
		{Clipboard, "06 7654321 (fax), cell. 333 1234567, fax 06 1234567", []string{"cell. 333 1234567", "fax 06 7654321", "fax 06 1234567"}},
		{Clipboard, "Fax: 06 1234567 • Ufficio: 06 7654321", []string{"Ufficio 06 7654321", "Fax 06 1234567"}}, // last
		{Typed, "Ufficio 06 1234567 - Cell 333 1234567", []string{"Ufficio 06 1234567", "Cell 333 1234567"}},
		{Typed, "call 06 1234567 now", []string{"call 06 1234567"}},
		{Typed, "0800 FLOWERS", nil},
		{Clipboard, "Ada Lovelace, 06 1234567, " + strings.Repeat("lorem ipsum ", 25), []string{"06 1234567"}},
		{Clipboard, "06 1234567" + strings.Repeat(" ", 300) + "\n333 1234567", []string{"06 1234567", "333 1234567"}},
		{Clipboard, "06 1234567\n" + strings.Repeat("x", maxOfferIn), nil},
		{Clipboard, "06 1234567\n\xff" + strings.Repeat("x", maxText), nil},
	} {
		s := DefaultSettings()
		p := Parse(c.input, c.source, s)
		check(t, p, s)
		if p.Outcome != Error || !slices.Equal(inputs(p.Choices), c.want) {
			t.Errorf("%q: %s %q, want %q", c.input, brief(p), inputs(p.Choices), c.want)
		}
	}
}

// A text full of numbers offers no more than a person can look through, and
// looking costs little.
func TestCandidatesAreBounded(t *testing.T) {
	var all strings.Builder
	for i := range 200 {
		fmt.Fprintf(&all, "050 12345%02d %03d\n", i%100, i)
	}
	for _, text := range []string{all.String(), strings.Repeat("1-", maxOfferIn/2), strings.Repeat("+39 06 1 ", maxOfferIn/9)} {
		if len(text) > maxOfferIn {
			t.Fatalf("%d bytes", len(text))
		}
		p := Parse(text, Clipboard, DefaultSettings())
		check(t, p, DefaultSettings())
		if p.Outcome != Error || len(p.Choices) > maxOffered {
			t.Errorf("%.20q…: %s, %d candidates", text, p.Error, len(p.Choices))
		}
	}
	if p := Parse(all.String(), Clipboard, DefaultSettings()); len(p.Choices) != maxOffered {
		t.Errorf("%d of 200 numbers are offered", len(p.Choices))
	}
}

func TestSet(t *testing.T) {
	for _, bad := range []string{
		"region=it", "region=XX", "prefix=0,", "prefix=123456789", "plus=", "plus=+", "confirm=never",
		"ext_max_len=0", "ext_max_len=x", "ext_max_len=16", "typed_is=", "home_national=maybe",
		"link_feature_codes=allow", "local_contexts=[1]", "local_contexts=[", "nonsense=1", "=",
	} {
		s := ReferenceSettings()
		key, value, _ := strings.Cut(bad, "=")
		if err := s.Set(key, value); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
	s := ReferenceSettings()
	if err := s.Set("local_contexts", `["a.example", "b.example"]`); err != nil || !slices.Equal(s.LocalContexts, []string{"a.example", "b.example"}) {
		t.Error(err, s.LocalContexts)
	}
	// Every name in the specification can be set.
	for key := range loadSpecification(t).Meaning {
		var wrong *setting.Error
		if err := s.Set(key, "\x00"); !errors.As(err, &wrong) || wrong.Code != setting.CodeInvalid {
			t.Errorf("%s: %v", key, err)
		}
	}
}
