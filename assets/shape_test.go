//go:build !windows

package assets

import (
	"image"
	"testing"
)

// The icons of Windows are rendered from the same drawings, in a format that Go
// cannot read.

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
