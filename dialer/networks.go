package dialer

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

// ErrNetworkUnknown: an account without TLS is logged in by itself only in the networks
// that [Networks] knows.
var ErrNetworkUnknown = status.NewError(status.CodeNetworkUnknown, "dialer: in clear, in a network that is not known")

// Networks remembers in which networks an account without TLS may be logged in by
// itself: the one in which the person set it up, and the one in which they last dialled.
// In any other one somebody else may have the PBX's address, and would be given an
// answer to a challenge of their choice, or could do in the session what they like.
//
// They are in a small file, which says nothing of them: each is a hash of what tells
// networks apart, of the account and of a random number. A file that cannot be read
// knows none. Its methods are safe for concurrent use, and block on the disk and on
// whoever knows the network. To a nil one every network is known.
type Networks struct {
	path string
	here func(context.Context) (string, error)
	log  *slog.Logger
	mu   sync.Mutex // one change of the file at a time
}

// OpenNetworks keeps the file at path, which need not exist. here tells the network
// that this computer is in from all others; while it cannot, that is not a known one.
func OpenNetworks(path string, here func(context.Context) (string, error), log *slog.Logger) *Networks {
	return &Networks{path: path, here: here, log: log}
}

// known is the file.
type known struct {
	Salt    string `json:"salt"`
	SetUp   string `json:"set_up"`
	Dialled string `json:"dialled"`
}

// networkTime is how long it may take to learn which network this is.
const networkTime = 5 * time.Second

// knows reports whether a may be logged in by itself in this network.
func (n *Networks) knows(ctx context.Context, a config.Account) bool {
	if n == nil {
		return true
	}
	k := n.read()
	hash := n.hash(ctx, k, a)
	return hash != "" && (hash == k.SetUp || hash == k.Dialled)
}

// SetUp notes that the person set a up in this network.
func (n *Networks) SetUp(ctx context.Context, a config.Account) {
	n.note(ctx, a, func(k *known, here string) { k.SetUp = here })
}

// dialled notes that the person dialled with a in this network.
func (n *Networks) dialled(ctx context.Context, a config.Account) {
	n.note(ctx, a, func(k *known, here string) { k.Dialled = here })
}

func (n *Networks) note(ctx context.Context, a config.Account, put func(k *known, here string)) {
	if n == nil || a.TLS {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	was := n.read()
	k := was
	if k.Salt == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // never fails
		k.Salt = hex.EncodeToString(b[:])
	}
	here := n.hash(ctx, k, a)
	if here == "" {
		return
	}
	if put(&k, here); k == was {
		return
	}
	data, err := json.Marshal(k)
	if err == nil {
		err = durable.Write(n.path, append(data, '\n'))
	}
	if err != nil {
		n.log.Warn("the network is not remembered", slog.Any("err", err))
	}
}

// hash stands in the file for the network that this computer is in; "" where that
// cannot be told.
func (n *Networks) hash(ctx context.Context, k known, a config.Account) string {
	ctx, cancel := context.WithTimeout(ctx, networkTime)
	defer cancel()
	here, err := n.here(ctx)
	if err != nil || here == "" {
		return ""
	}
	h := hmac.New(sha256.New, []byte(k.Salt))
	_, _ = h.Write([]byte(secret.Key(a) + "\x00" + here)) // never fails
	return hex.EncodeToString(h.Sum(nil))
}

// maxKnown is far more than the file has.
const maxKnown = 1 << 10

func (n *Networks) read() (k known) {
	f, err := durable.OpenFile(n.path, os.O_RDONLY, 0)
	if err != nil {
		return known{}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKnown))
	if err != nil || json.Unmarshal(data, &k) != nil {
		return known{}
	}
	return k
}
