//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"unicode/utf8"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

func init() {
	// The library logs the errors that it also returns, and that a display has no
	// authority file, which is normal.
	xgb.Logger = log.New(io.Discard, "", 0)
}

// readX11 asks the owner of a selection for it as text, by the rules of the
// Inter-Client Communication Conventions, chapter 2.
func readX11(ctx context.Context, selection string) ([]byte, error) {
	name, err := display()
	if err != nil {
		return nil, err
	}
	conn, err := xgb.NewConnDisplay(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoClipboard, err)
	}
	defer conn.Close()
	r := &selectionReader{conn: conn, events: make(chan xgb.Event)}
	go r.pump(ctx)
	text, err := r.read(ctx, selection)
	if err == nil || errors.Is(err, ErrClipboardEmpty) || errors.Is(err, ErrClipboardTooLarge) || ctx.Err() != nil {
		return text, err
	}
	return nil, fmt.Errorf("%w: %w", ErrNoClipboard, err)
}

type selectionReader struct {
	conn   *xgb.Conn
	events chan xgb.Event // closed with the connection
	window xproto.Window  // stands for us with the owner

	selection, property, targets, utf8, incr, plain xproto.Atom
}

// pump hands the events on until the connection or ctx ends.
func (r *selectionReader) pump(ctx context.Context) {
	defer close(r.events)
	for {
		ev, err := r.conn.WaitForEvent()
		if ev == nil && err == nil {
			return
		}
		if ev == nil {
			continue // the error of a request nobody waits for
		}
		select {
		case r.events <- ev:
		case <-ctx.Done():
			return
		}
	}
}

func (r *selectionReader) read(ctx context.Context, selection string) ([]byte, error) {
	for name, atom := range map[string]*xproto.Atom{
		selection: &r.selection, "CORNETTA_TEXT": &r.property, "TARGETS": &r.targets,
		"UTF8_STRING": &r.utf8, "INCR": &r.incr, "text/plain;charset=utf-8": &r.plain,
	} {
		reply, err := xproto.InternAtom(r.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return nil, err
		}
		*atom = reply.Atom
	}
	owner, err := xproto.GetSelectionOwner(r.conn, r.selection).Reply()
	if err != nil {
		return nil, err
	}
	if owner.Owner == xproto.WindowNone {
		return nil, ErrClipboardEmpty
	}
	if r.window, err = xproto.NewWindowId(r.conn); err != nil {
		return nil, err
	}
	err = xproto.CreateWindowChecked(r.conn, 0, r.window, xproto.Setup(r.conn).DefaultScreen(r.conn).Root,
		0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
	if err != nil {
		return nil, err
	}
	for _, target := range r.offered(ctx) {
		text, kind, err := r.convert(ctx, target)
		switch {
		case err != nil:
			return text, err
		case kind == xproto.AtomNone: // refused
			continue
		case kind == xproto.AtomString && !utf8.Valid(text):
			return latin1(text), nil
		}
		return text, nil
	}
	return nil, ErrClipboardEmpty
}

// offered are the types to ask for, the best first. An owner that does not list its
// types is asked for the usual ones.
func (r *selectionReader) offered(ctx context.Context) []xproto.Atom {
	forms := []xproto.Atom{r.utf8, r.plain, xproto.AtomString}
	list, kind, err := r.convert(ctx, r.targets)
	if err != nil || kind != xproto.AtomAtom && kind != r.targets {
		return forms
	}
	has := map[xproto.Atom]bool{}
	for ; len(list) >= 4; list = list[4:] {
		has[xproto.Atom(binary.LittleEndian.Uint32(list))] = true
	}
	var offered []xproto.Atom
	for _, f := range forms {
		if has[f] {
			offered = append(offered, f)
		}
	}
	return offered
}

// convert asks for the selection in one form and returns it with its type,
// AtomNone where the owner refuses.
func (r *selectionReader) convert(ctx context.Context, target xproto.Atom) ([]byte, xproto.Atom, error) {
	err := xproto.ConvertSelectionChecked(r.conn, r.window, r.selection, target, r.property, xproto.TimeCurrentTime).Check()
	if err != nil {
		return nil, 0, err
	}
	var answer xproto.SelectionNotifyEvent
	for answer.Requestor != r.window || answer.Selection != r.selection || answer.Target != target {
		ev, err := r.next(ctx)
		if err != nil {
			return nil, 0, err
		}
		answer, _ = ev.(xproto.SelectionNotifyEvent)
	}
	if answer.Property == xproto.AtomNone {
		return nil, xproto.AtomNone, nil
	}
	// Taking the property away is also what starts a transfer in pieces.
	text, kind, err := r.take()
	switch {
	case err != nil || kind != r.incr:
		return text, kind, err
	case len(text) >= 4 && binary.LittleEndian.Uint32(text) > clipboardMax: // at least so many will come
		return nil, kind, ErrClipboardTooLarge
	}
	var all []byte
	kind = xproto.AtomNone
	for {
		ev, err := r.next(ctx)
		if err != nil {
			return nil, 0, err
		}
		if p, ok := ev.(xproto.PropertyNotifyEvent); !ok || p.Atom != r.property || p.State != xproto.PropertyNewValue {
			continue
		}
		piece, as, err := r.take()
		switch {
		case err != nil:
			return nil, 0, err
		case len(piece) == 0 && as == xproto.AtomNone:
			continue // the notice of the property that announced the transfer
		case len(piece) == 0:
			return all, kind, nil
		}
		all, kind = append(all, piece...), as
		if len(all) > clipboardMax {
			return all, kind, ErrClipboardTooLarge
		}
	}
}

// take reads the property and removes it.
func (r *selectionReader) take() ([]byte, xproto.Atom, error) {
	p, err := xproto.GetProperty(r.conn, true, r.window, r.property, xproto.GetPropertyTypeAny, 0, clipboardMax/4+1).Reply()
	switch {
	case err != nil:
		return nil, 0, err
	case p.BytesAfter > 0:
		return p.Value, p.Type, ErrClipboardTooLarge
	case p.Format == 8, p.Format == 32:
		return p.Value, p.Type, nil
	}
	return nil, p.Type, nil
}

func (r *selectionReader) next(ctx context.Context) (xgb.Event, error) {
	select {
	case ev, ok := <-r.events:
		if !ok {
			return nil, io.ErrUnexpectedEOF
		}
		return ev, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// latin1 decodes the type STRING, which is Latin-1 by the specification; many programs
// put UTF-8 there.
func latin1(text []byte) []byte {
	out := make([]byte, 0, len(text)+8)
	for _, b := range text {
		out = utf8.AppendRune(out, rune(b))
	}
	return out
}
