package main

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

// made is as much of a package as settle looks at, as wixl writes it, with content before.
func made(content, code string, at uint64) []byte {
	le := binary.LittleEndian
	var properties, values []byte
	add := func(id uint32, value []byte) {
		properties = le.AppendUint32(properties, id)
		properties = le.AppendUint32(properties, uint32(8+4*8+len(values)))
		values = append(values, value...)
	}
	text := le.AppendUint32(le.AppendUint32(nil, typeText), uint32(len(code)+1))
	text = append(append(text, code...), 0, 0)
	stamp := le.AppendUint64(le.AppendUint32(nil, typeTime), at)
	add(1, le.AppendUint32(le.AppendUint32(nil, 2), 1252))
	values = append(values, make([]byte, 4)...)
	add(packageCode, text)
	add(created, stamp)
	add(saved, stamp)
	msi := append([]byte(content), make([]byte, 28)...)
	msi = append(msi, summaryID...)
	msi = le.AppendUint32(msi, 48)
	msi = le.AppendUint32(msi, uint32(8+len(properties)+len(values)))
	msi = le.AppendUint32(msi, 4)
	return append(append(msi, properties...), values...)
}

func TestSettle(t *testing.T) {
	const one, other = "{014291F5-085B-46BA-9B6A-6092731A6714}", "{E52B9C07-52EE-4D3B-8A1C-0F6D6F1B2C3D}"
	last := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	a, b, c := made("files", one, 7), made("files", other, 8), made("Files", one, 7)
	for _, msi := range [][]byte{a, b, c} {
		if err := settle(msi, last); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a, b) {
		t.Error("the same files give two packages")
	}
	code := func(msi []byte) string { return string(msi[bytes.IndexByte(msi, '{'):][:38]) }
	if code(a) == code(c) || code(a) == one || code(a) == "{"+id("package", "")+"}" {
		t.Errorf("codes %s, and %s of other files", code(a), code(c))
	}
	if at := binary.LittleEndian.Uint64(a[len(a)-8:]); at != 134401572000000000 {
		t.Errorf("made at %d", at) // as Windows says it: 26 November 2026, 9:00 UTC
	}

	whole := made("", one, 7)
	for n := range len(whole) - 8 {
		if err := settle(bytes.Clone(whole[:n]), last); err == nil {
			t.Errorf("%d of %d bytes are taken for a package", n, len(whole))
		}
	}
}
