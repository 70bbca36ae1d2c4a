package assets

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
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
	d := xml.NewDecoder(bytes.NewReader(AppIconSVG))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("AppIconSVG: %v", err)
		}
	}
}

// A person who cannot tell the colours apart must still tell the states apart,
// and the icon must stand out on a panel of either kind.
func TestTrayIconsDifferInShape(t *testing.T) {
	const grey = 0x7f
	// shape reduces an icon to what is left without colour: outside, filled or
	// light, for each pixel.
	shape := func(img image.Image) []byte {
		b := img.Bounds()
		out := make([]byte, 0, b.Dx()*b.Dy())
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				r, g, bl, a := img.At(x, y).RGBA()
				switch {
				case a>>8 < grey:
					out = append(out, 0)
				case min(r, g, bl)>>8 > 0xc0:
					out = append(out, 2)
				default:
					out = append(out, 1)
				}
			}
		}
		return out
	}
	shapes := make([][]byte, states)
	for s := range states {
		img := decode(t, Tray(s))
		if b := img.Bounds(); b.Dx() != 44 || b.Dy() != 44 {
			t.Fatalf("state %d: %v", s, b)
		}
		shapes[s] = shape(img)
	}
	for a := range states {
		for b := a + 1; b < states; b++ {
			differ := 0
			for i := range shapes[a] {
				if shapes[a][i] != shapes[b][i] {
					differ++
				}
			}
			if share := float64(differ) / float64(len(shapes[a])); share < 0.08 {
				t.Errorf("states %d and %d differ in %.1f %% of their pixels only", a, b, 100*share)
			}
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
