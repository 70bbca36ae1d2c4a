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
	"slices"
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
// It remembers too in which network the person chose which account, for those that are
// chosen by themselves.
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
	Salt string `json:"salt"`
	// SetUp and Dialled are those of an earlier version, whose file knew one account.
	SetUp   string `json:"set_up,omitempty"`
	Dialled string `json:"dialled,omitempty"`
	// Of has the networks of each account, by a hash of it.
	Of map[string]places `json:"of,omitempty"`
	// Chosen are the networks in which the person chose an account, the oldest first.
	Chosen []choice `json:"chosen,omitempty"`
}

// places are the networks in which an account was set up and last dialled with.
type places struct {
	SetUp   string `json:"set_up,omitempty"`
	Dialled string `json:"dialled,omitempty"`
}

// choice is a network, and the account that belongs to it; both are hashes.
type choice struct{ Network, Account string }

const (
	maxKnownAccounts = 2 * config.MaxAccounts // also of those that are gone
	maxChosen        = 64
)

// networkTime is how long it may take to learn which network this is.
const networkTime = 5 * time.Second

// knows reports whether a may be logged in by itself in this network.
func (n *Networks) knows(ctx context.Context, a config.Account) bool {
	if n == nil {
		return true
	}
	k := n.read()
	hash, of := n.hash(ctx, k, a), k.Of[k.login(a)]
	return hash != "" && (hash == k.SetUp || hash == k.Dialled || hash == of.SetUp || hash == of.Dialled)
}

// SetUp notes that the person set a up in this network.
func (n *Networks) SetUp(ctx context.Context, a config.Account) {
	n.note(ctx, a, func(p *places, here string) { p.SetUp = here })
}

// dialled notes that the person dialled with a in this network.
func (n *Networks) dialled(ctx context.Context, a config.Account) {
	n.note(ctx, a, func(p *places, here string) { p.Dialled = here })
}

func (n *Networks) note(ctx context.Context, a config.Account, put func(p *places, here string)) {
	if n == nil || a.TLS {
		return
	}
	n.change(func(k *known) bool {
		here, login := n.hash(ctx, *k, a), k.login(a)
		p := k.Of[login]
		if put(&p, here); here == "" || p == k.Of[login] {
			return false
		}
		all := map[string]places{login: p}
		for of, was := range k.Of {
			if of != login && len(all) < maxKnownAccounts {
				all[of] = was
			}
		}
		k.Of = all
		return true
	})
}

// Choose notes that the person has put a in use in this network: where it is an account
// that is chosen by itself, it is chosen here from now on, else none is.
func (n *Networks) Choose(ctx context.Context, a config.Account) {
	if n == nil {
		return
	}
	n.change(func(k *known) bool {
		here := n.hashOf(ctx, *k)
		if here == "" {
			return false
		}
		before := k.Chosen
		k.Chosen = slices.DeleteFunc(slices.Clone(before), func(c choice) bool { return c.Network == here })
		if a.ByNetwork {
			k.Chosen = append(k.Chosen, choice{here, k.phone(a)})
		}
		k.Chosen = k.Chosen[max(0, len(k.Chosen)-maxChosen):]
		return !slices.Equal(before, k.Chosen)
	})
}

// Chosen is the one of all that is chosen by itself in this network, none where none is.
// here tells the network from others; it is "" where no account is ever chosen so.
func (n *Networks) Chosen(ctx context.Context, all []config.Account) (chosen config.Account, here string) {
	if n == nil || !slices.ContainsFunc(all, func(a config.Account) bool { return a.ByNetwork }) {
		return config.Account{}, ""
	}
	k := n.read()
	if len(k.Chosen) == 0 {
		return config.Account{}, ""
	}
	if here = n.hashOf(ctx, k); here == "" {
		return config.Account{}, ""
	}
	for _, c := range k.Chosen {
		for _, a := range all {
			if c.Network == here && a.ByNetwork && c.Account == k.phone(a) {
				return a, here
			}
		}
	}
	return config.Account{}, here
}

// change has edit change the file, and writes it where that says so.
func (n *Networks) change(edit func(*known) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k := n.read()
	if k.Salt == "" {
		var b [16]byte
		_, _ = rand.Read(b[:]) // never fails
		k.Salt = hex.EncodeToString(b[:])
	}
	if !edit(&k) {
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

// of stands in the file for a text.
func (k known) of(text string) string {
	h := hmac.New(sha256.New, []byte(k.Salt))
	_, _ = h.Write([]byte(text)) // never fails
	return hex.EncodeToString(h.Sum(nil))
}

// login stands in the file for the login of an account, and phone for the account itself,
// of which several may have one login. They are what they are under every name.
func (k known) login(a config.Account) string { return k.of("login\x00" + secret.Key(a)) }

func (k known) phone(a config.Account) string {
	return k.of("phone\x00" + secret.Key(a) + "\x00" + a.Tenant + "\x00" + a.Extension)
}

// hash stands in the file for the network that this computer is in and an account; ""
// where the network cannot be told.
func (n *Networks) hash(ctx context.Context, k known, a config.Account) string {
	here := n.told(ctx)
	if here == "" {
		return ""
	}
	return k.of(secret.Key(a) + "\x00" + here)
}

// hashOf stands in the file for the network alone.
func (n *Networks) hashOf(ctx context.Context, k known) string {
	here := n.told(ctx)
	if here == "" {
		return ""
	}
	return k.of("network\x00" + here)
}

// told is the network that this computer is in, "" where that cannot be told.
func (n *Networks) told(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, networkTime)
	defer cancel()
	here, err := n.here(ctx)
	if err != nil {
		return ""
	}
	return here
}

// maxKnown is far more than the file has.
const maxKnown = 64 << 10

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
	k.Chosen = k.Chosen[:min(len(k.Chosen), maxChosen)]
	return k
}
