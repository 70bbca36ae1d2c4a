package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What wixl puts into an .msi of the moment at which it was made is in one stream, the
// summary: its own code and two times. It is a property set (MS-OLEPS 2.21), found by the
// id that all of them begin with.
var summaryID = []byte{0xE0, 0x85, 0x9F, 0xF2, 0xF9, 0x4F, 0x68, 0x10, 0xAB, 0x91, 0x08, 0x00, 0x2B, 0x27, 0xB3, 0xD9}

const (
	packageCode = 9
	created     = 12
	saved       = 13

	typeText = 0x1E
	typeTime = 0x40
)

// settle gives the package made at last as its time, and as its code one made of all else
// that is in it: the same files give the same package, others one with another code,
// which is what Windows tells packages apart by.
func settle(msi []byte, last time.Time) error {
	if bytes.Count(msi, summaryID) != 1 {
		return errors.New("no package, or one that is not understood")
	}
	// 28 bytes of a header stand before the id, behind it where its properties begin,
	// counted from the header.
	header, err := part(msi, bytes.Index(msi, summaryID), -28, 48)
	if err != nil {
		return err
	}
	section, err := part(msi, header, number(msi, header+44), 8)
	if err != nil {
		return err
	}
	var code []byte
	for i := range number(msi, section+4) {
		if i > 100 {
			return errors.New("a summary of too many properties")
		}
		entry, err := part(msi, section, 8+8*i, 8)
		if err != nil {
			return err
		}
		value, err := part(msi, section, number(msi, entry+4), 12)
		if err != nil {
			return err
		}
		switch id, kind := number(msi, entry), number(msi, value); {
		case id == packageCode && kind == typeText:
			if code = msi[value+8:]; len(code) < 38 || code[0] != '{' || code[37] != '}' {
				return errors.New("a summary without a code")
			}
			code = code[1:37]
			copy(code, strings.Repeat("0", len(code)))
		case (id == created || id == saved) && kind == typeTime:
			// Tenths of a microsecond since 1601.
			binary.LittleEndian.PutUint64(msi[value+4:], uint64(last.Unix()+11644473600)*1e7)
		}
	}
	if code == nil {
		return errors.New("a summary without a code")
	}
	sum := sha1.Sum(msi)
	copy(code, id("package", fmt.Sprintf("%x", sum)))
	return nil
}

// number is four bytes of data; part has seen to it that they are there.
func number(data []byte, at int) int { return int(binary.LittleEndian.Uint32(data[at:])) }

// part is where n bytes begin, as far away from a place; it is an error where there are
// fewer.
func part(data []byte, place, away, n int) (int, error) {
	if place+away < 0 || place+away+n > len(data) {
		return 0, errors.New("a summary that is cut off")
	}
	return place + away, nil
}
