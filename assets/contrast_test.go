//go:build !windows

package assets

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"
)

// TestTrayIconsAreSeen: on light and dark panels each state stands out by 3:1 (WCAG 2.2,
// 1.4.11), the ground that it brings along or, where that is about as dark as the panel,
// the sign on it.
func TestTrayIconsAreSeen(t *testing.T) {
	linear := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	luminance := func(c color.RGBA) float64 {
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	contrast := func(a, b color.RGBA) float64 {
		la, lb := luminance(a), luminance(b)
		return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
	}
	for s := range states {
		icon := decode(t, Tray(s))
		for _, grey := range []uint8{0xff, 0xe8, 0x30, 0x00} {
			panel := color.RGBA{grey, grey, grey, 0xff}
			img := image.NewRGBA(icon.Bounds())
			draw.Draw(img, img.Bounds(), image.NewUniform(panel), image.Point{}, draw.Src)
			draw.Draw(img, img.Bounds(), icon, icon.Bounds().Min, draw.Over)
			seen := 0
			for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
				for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
					if contrast(img.RGBAAt(x, y), panel) >= 3 {
						seen++
					}
				}
			}
			if seen < 200 { // of 1936: a line two pixels wide, of the icon's circumference and more
				t.Errorf("state %d on a panel of grey %#x: %d pixels stand out", s, grey, seen)
			}
		}
	}
}
