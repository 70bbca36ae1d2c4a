package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"math/big"
)

// The Secret Service's one encrypted session, dh-ietf1024-sha256-aes128-cbc-pkcs7: the
// two ends agree on a key for each connection, in the second group of RFC 2409, and
// what passes over the bus is of no use to who listens. It says nothing of who is at
// the other end: that is the bus's to know.
const encrypted = "dh-ietf1024-sha256-aes128-cbc-pkcs7"

var (
	prime, _ = new(big.Int).SetString("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"+
		"020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"+
		"4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"+
		"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16)
	one       = big.NewInt(1)
	generator = big.NewInt(2)

	errCipher = errors.New("the keyring's encryption makes no sense")
)

// exchange is our half of the agreement on a key.
type exchange struct{ private *big.Int }

func newExchange() (exchange, error) {
	// From 1 to prime-2.
	n, err := rand.Int(rand.Reader, new(big.Int).Sub(prime, generator))
	if err != nil {
		return exchange{}, err
	}
	return exchange{n.Add(n, one)}, nil
}

// public is what the other end is told.
func (e exchange) public() []byte { return new(big.Int).Exp(generator, e.private, prime).Bytes() }

// key is what both ends have once the other has told theirs.
func (e exchange) key(theirs []byte) (sessionKey, error) {
	peer := new(big.Int).SetBytes(theirs)
	if last := new(big.Int).Sub(prime, one); peer.Cmp(one) <= 0 || peer.Cmp(last) >= 0 {
		return nil, errCipher // the key would be known to everybody
	}
	shared := new(big.Int).Exp(peer, e.private, prime).FillBytes(make([]byte, prime.BitLen()/8))
	return hkdf.Key(sha256.New, shared, nil, "", aes.BlockSize)
}

// sessionKey encrypts what passes in a session; nil, in a plain one, nothing.
type sessionKey []byte

// seal returns secret as it passes, with the parameters to open it by.
func (k sessionKey) seal(secret []byte) (parameters, value []byte, err error) {
	if k == nil {
		return []byte{}, secret, nil
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, nil, err
	}
	parameters = make([]byte, aes.BlockSize)
	_, _ = rand.Read(parameters) // never fails
	pad := aes.BlockSize - len(secret)%aes.BlockSize
	value = make([]byte, len(secret)+pad)
	for i := copy(value, secret); i < len(value); i++ {
		value[i] = byte(pad)
	}
	cipher.NewCBCEncrypter(block, parameters).CryptBlocks(value, value)
	return parameters, value, nil
}

// open is the secret that passed.
func (k sessionKey) open(parameters, value []byte) ([]byte, error) {
	if k == nil {
		return value, nil
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	if len(parameters) != aes.BlockSize || len(value) == 0 || len(value)%aes.BlockSize != 0 {
		return nil, errCipher
	}
	secret := make([]byte, len(value))
	cipher.NewCBCDecrypter(block, parameters).CryptBlocks(secret, value)
	pad := int(secret[len(secret)-1])
	if pad == 0 || pad > aes.BlockSize {
		return nil, errCipher
	}
	for _, b := range secret[len(secret)-pad:] {
		if int(b) != pad {
			return nil, errCipher
		}
	}
	return secret[:len(secret)-pad], nil
}
