package assets

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func decode(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestAppIcons(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		side int
	}{{"AppIcon", AppIcon, 256}, {"AppIconSmall", AppIconSmall, 64}} {
		if b := decode(t, c.data).Bounds(); b.Dx() != c.side || b.Dy() != c.side {
			t.Errorf("%s is %v, want %d × %d", c.name, b, c.side, c.side)
		}
	}
	icons, err := filepath.Glob("icons/*.png")
	if err != nil || len(icons) != 9 {
		t.Errorf("%q, %v", icons, err)
	}
	for _, path := range icons {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b := decode(t, data).Bounds()
		if name := fmt.Sprintf("icons/%d.png", b.Dx()); b.Dx() != b.Dy() || filepath.ToSlash(path) != name {
			t.Errorf("%s is %v", path, b)
		}
	}
	d := xml.NewDecoder(bytes.NewReader(AppIconSVG))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("AppIconSVG: %v", err)
		}
	}
}

func TestTrayOfNoState(t *testing.T) {
	if !bytes.Equal(Tray(states), Tray(Trouble)) || !bytes.Equal(Tray(255), Tray(Trouble)) {
		t.Error("a state that does not exist has an icon of its own")
	}
}

// Each drawing has what render.sh makes of it, and each icon its sizes.
func TestRendered(t *testing.T) {
	drawings, err := filepath.Glob("tray/*.svg")
	if err != nil || len(drawings) != int(states) {
		t.Fatalf("%d drawings for %d states, %v", len(drawings), states, err)
	}
	for _, d := range append(drawings, "cornetta.svg") {
		ico, err := os.ReadFile(strings.TrimSuffix(d, ".svg") + ".ico")
		if err != nil {
			t.Error(err)
			continue
		}
		// ICONDIR: reserved, type 1, count; then 16 bytes an image.
		if len(ico) < 6+5*16 || binary.LittleEndian.Uint16(ico[2:]) != 1 || binary.LittleEndian.Uint16(ico[4:]) != 5 {
			t.Errorf("%s: not an icon of five sizes", d)
			continue
		}
		if ico[6] != 16 {
			t.Errorf("%s: first size is %d", d, ico[6])
		}
	}
}
