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

// whole makes a text of a whole file: by its byte order mark, by what it is, or
// Windows-1252, which old programs of Windows write.
func whole(b []byte) (string, bool) {
	for mark, order := range map[string]unicode.Endianness{"\xff\xfe": unicode.LittleEndian, "\xfe\xff": unicode.BigEndian} {
		if bytes.HasPrefix(b, []byte(mark)) {
			text, err := unicode.UTF16(order, unicode.ExpectBOM).NewDecoder().Bytes(b)
			return string(text), err == nil
		}
	}
	return decode(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), "")
}
