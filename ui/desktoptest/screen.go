//go:build linux

package desktoptest

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/jezek/xgb/xproto"
)

// artefactsVariable names the directory that screenshots are kept in.
const artefactsVariable = "CORNETTA_ARTEFACTS"

// background is the colour behind everything, red, green and blue: dark enough
// to rest the eye and not the black of something that was never drawn.
const background = 0x3a4a5c

// paintBackground gives the screen its background.
func (d *Desktop) paintBackground() error {
	err := xproto.ChangeWindowAttributesChecked(d.x, d.root, xproto.CwBackPixel, []uint32{background}).Check()
	if err != nil {
		return err
	}
	return xproto.ClearAreaChecked(d.x, false, d.root, 0, 0, 0, 0).Check()
}

// Screenshot stores what the screen shows as name.png in the test's artefacts
// directory and returns the file's path. The directory is the test's name under
// CORNETTA_ARTEFACTS, or under artefacts/ at the root of the module.
func (d *Desktop) Screenshot(name string) string {
	d.tb.Helper()
	dir, err := d.artefacts()
	if err != nil {
		d.tb.Fatalf("desktoptest: %v", err)
	}
	path := filepath.Join(dir, fileName(name)+".png")
	f, err := os.Create(path)
	if err != nil {
		d.tb.Fatalf("desktoptest: %v", err)
	}
	defer f.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, d.Screen()); err != nil {
		d.tb.Fatalf("desktoptest: %s: %v", path, err)
	}
	return path
}

// Screen is what the screen shows: four megabytes, so that who looks again and again
// rather asks for a Part.
func (d *Desktop) Screen() *image.RGBA {
	d.tb.Helper()
	return d.Part(d.bounded())
}

// Part is what the screen shows in r, as far as that is on the screen, at its place.
func (d *Desktop) Part(r image.Rectangle) *image.RGBA {
	d.tb.Helper()
	img, err := d.part(r)
	if err != nil {
		d.tb.Fatalf("desktoptest: reading the screen: %v", err)
	}
	return img
}

// Pixel is the colour of one point of the screen.
func (d *Desktop) Pixel(at image.Point) color.RGBA {
	d.tb.Helper()
	return d.Part(image.Rectangle{at, at.Add(image.Pt(1, 1))}).RGBAAt(at.X, at.Y)
}

// bounded is the whole screen.
func (d *Desktop) bounded() image.Rectangle {
	s := xproto.Setup(d.x).DefaultScreen(d.x)
	return image.Rect(0, 0, int(s.WidthInPixels), int(s.HeightInPixels))
}

func (d *Desktop) part(r image.Rectangle) (*image.RGBA, error) {
	r = r.Intersect(d.bounded())
	img := image.NewRGBA(r)
	if r.Empty() {
		return img, nil
	}
	reply, err := xproto.GetImage(d.x, xproto.ImageFormatZPixmap, xproto.Drawable(d.root),
		int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()), ^uint32(0)).Reply()
	if err != nil {
		return nil, err
	}
	if len(reply.Data) < len(img.Pix) {
		return nil, fmt.Errorf("%d bytes for %d×%d pixels", len(reply.Data), r.Dx(), r.Dy())
	}
	for i := 0; i < len(img.Pix); i += 4 {
		p, q := reply.Data[i:i+4:i+4], img.Pix[i:i+4:i+4]
		q[0], q[1], q[2], q[3] = p[2], p[1], p[0], 0xff // it comes as blue, green, red, unused
	}
	return img, nil
}

// leaveEvidence keeps a screenshot and the logs of a failed test.
func (d *Desktop) leaveEvidence() {
	dir, err := d.artefacts()
	if err != nil {
		d.tb.Logf("desktoptest: no evidence: %v", err)
		return
	}
	if d.x != nil {
		if img, err := d.part(d.bounded()); err == nil {
			if f, err := os.Create(filepath.Join(dir, "failed.png")); err == nil {
				_ = png.Encode(f, img)
				f.Close()
			}
		}
	}
	logs := d.procs.allLogs()
	_ = os.WriteFile(filepath.Join(dir, "failed.log"), []byte(logs), 0o644)
	d.tb.Logf("desktoptest: the screen and the logs are in %s\n%s", dir, logs)
}

// artefacts makes and returns the test's artefacts directory.
func (d *Desktop) artefacts() (string, error) {
	base := os.Getenv(artefactsVariable)
	if base == "" {
		root, err := moduleRoot()
		if err != nil {
			return "", err
		}
		base = filepath.Join(root, "artefacts")
	}
	parts := []string{base}
	for p := range strings.SplitSeq(d.tb.Name(), "/") {
		parts = append(parts, fileName(p))
	}
	dir := filepath.Join(parts...)
	return dir, os.MkdirAll(dir, 0o755)
}

var notForFileNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// fileName makes a name safe to be one part of a path.
func fileName(s string) string {
	s = strings.TrimLeft(notForFileNames.ReplaceAllString(s, "_"), ".")
	if s == "" {
		return "_"
	}
	return s
}

// moduleRoot is the nearest directory above the working directory with a go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("desktoptest: no go.mod above the working directory; set %s", artefactsVariable)
		}
		dir = up
	}
}
