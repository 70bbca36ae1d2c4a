package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"os"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
)

// TestGoDebugIsForgotten: the environment cannot bring back what Go no longer does, such
// as an exchange of keys that whoever has the PBX's key can undo later.
func TestGoDebugIsForgotten(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pbx, err := pbxsim.Start(pbxsim.Options{TLS: &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MaxVersion:   tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pbx.Close() })
	dial := func() error {
		conn, err := tls.Dial("tcp", pbx.Addr(), &tls.Config{InsecureSkipVerify: true})
		if err == nil {
			_ = conn.Close()
		}
		return err
	}
	t.Setenv("GODEBUG", "tlsrsakex=1")
	if err := dial(); err != nil {
		t.Fatal("this tests nothing any more:", err)
	}
	forgetGoDebug()
	if err := dial(); err == nil || os.Getenv("GODEBUG") != "" {
		t.Errorf("GODEBUG=%s: %v", os.Getenv("GODEBUG"), err)
	}
}
