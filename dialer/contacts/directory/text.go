package directory

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// charsets are those of programs that do not write UTF-8, by the names that vCards give
// them. Those of East Asia are not among them: their tables are larger than all of this
// program's.
var charsets = map[string]encoding.Encoding{
	"windows1250": charmap.Windows1250, "windows1251": charmap.Windows1251, "windows1252": charmap.Windows1252,
	"windows1253": charmap.Windows1253, "windows1254": charmap.Windows1254, "windows1257": charmap.Windows1257,
	"cp1252": charmap.Windows1252, "iso88591": charmap.Windows1252, "latin1": charmap.Windows1252, "usascii": charmap.Windows1252,
	"iso88592": charmap.ISO8859_2, "iso88595": charmap.ISO8859_5, "iso88597": charmap.ISO8859_7, "iso88599": charmap.Windows1254,
	"iso885915": charmap.ISO8859_15, "koi8r": charmap.KOI8R, "koi8u": charmap.KOI8U,
	"cp437": charmap.CodePage437, "cp850": charmap.CodePage850, "macintosh": charmap.Macintosh,
}

// decode makes a text of bytes in the charset with that name, "" where none is given.
// Whatever is declared, what is UTF-8 is taken for that: other charsets are so by
// accident only. false for a charset that is not known.
func decode(b []byte, charset string) (string, bool) {
	if utf8.Valid(b) {
		return string(b), true
	}
	name := strings.ToLower(charset)
	name = strings.NewReplacer("-", "", "_", "", " ", "", "\"", "").Replace(name)
	var from encoding.Encoding = charmap.Windows1252 // and where another one was declared than it is
	if name != "" && name != "utf8" {
		var ok bool
		if from, ok = charsets[name]; !ok {
			return "", false
		}
	}
	text, err := from.NewDecoder().Bytes(b)
	return string(text), err == nil
}

// Text makes a text of a whole file: by its byte order mark, by what it is, or
// Windows-1252, which old programs of Windows write. Lines end as everywhere, also those
// of old programs of Macintosh.
func Text(b []byte) (text string, ok bool) {
	if order, is := isUTF16(b); is {
		all, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(b)
		text, ok = string(all), err == nil
	} else {
		text, ok = decode(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), "")
	}
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, ok
}

// isUTF16 tells by the mark at the beginning, or by the zeros of which every second byte of
// most languages is one.
func isUTF16(b []byte) (unicode.Endianness, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return unicode.BigEndian, true
	}
	head := b[:min(len(b), 512)&^1]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	many := len(head) / 2 * 3 / 4
	order := unicode.LittleEndian
	if zeros[0] > zeros[1] {
		order = unicode.BigEndian
	}
	return order, many > 4 && min(zeros[0], zeros[1]) == 0 && max(zeros[0], zeros[1]) >= many
}

// formOf tells what data is, by how it begins: "vcard", the name of a form that is not
// read, or "" for anything else, which may be a table.
func formOf(data []byte) string {
	for _, f := range []struct{ begins, name string }{
		{"\xd0\xcf\x11\xe0", "XLS"},
		{"%PDF", "PDF"},
		{"!BDN", "PST"},
		{"SQLite", "SQLite"},
		{"\x1f\x8b", "gzip"},
		{"{\\rtf", "RTF"},
	} {
		if bytes.HasPrefix(data, []byte(f.begins)) {
			return f.name
		}
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		switch {
		case bytes.Contains(data, []byte("xl/")):
			return "XLSX"
		case bytes.Contains(data, []byte("opendocument.spreadsheet")):
			return "ODS"
		}
		return "ZIP"
	}
	text, _ := Text(data[:min(len(data), formHead)])
	text = strings.TrimLeft(text, "\ufeff \t\r\n")
	for strings.HasPrefix(text, "#") { // a remark
		_, text, _ = strings.Cut(text, "\n")
		text = strings.TrimSpace(text)
	}
	text = strings.ToLower(text[:min(len(text), formWord)])
	for _, f := range []struct{ begins, name string }{
		{"begin:vcard", formVCard},
		{"begin:vcalendar", "iCalendar"},
		{"<!doctype html", "HTML"},
		{"<html", "HTML"},
		{"<", "XML"},
		{"{", "JSON"},
		{"[", "JSON"},
		{"dn:", "LDIF"},
		{"version: 1\n", "LDIF"},
		{"version: 1\r", "LDIF"},
		{"version:1\n", "LDIF"},
		{"// <!-- <mdb:mork", "Mork"},
	} {
		if strings.HasPrefix(text, f.begins) {
			return f.name
		}
	}
	return ""
}

const (
	formVCard = "vcard"
	formHead  = 4 << 10 // bytes of text by which a form is told
	formWord  = 32
)
