package directory

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/contacts"
	"cornetta/dialer/status"
)

// The bounds of what an LDAP server may send beside those of any server.
const (
	maxMessage = 256 << 10 // bytes of one message, which is an entry
	maxNested  = 32
	pageSize   = 500  // entries that are asked for at a time; Active Directory gives 1000 at most
	maxPages   = 5000 // more than contacts.MaxPeople need, from a server that makes them smaller
)

func init() { ber.MaxPacketLengthBytes, ber.MaxNestingDepth = maxMessage, maxNested }

// The attributes that are asked for: those of inetOrgPerson and organizationalPerson (RFC
// 2798, 4519), Active Directory's, and what phone books call the rest. Of names the first
// that an entry has is used. ("name" is Active Directory's, too, where cn is the same.)
var (
	ldapNames     = []string{"displayName", "cn", "name"}
	ldapCompanies = []string{"o", "company", "organization", "organizationName"}
	ldapNumbers   = []struct {
		attribute string
		kind      contacts.Kind
	}{
		{"telephoneNumber", contacts.Work},
		{"otherTelephone", contacts.Work},
		{"workPhone", contacts.Work},
		{"primaryPhone", contacts.Work},
		{"mobile", contacts.Mobile},
		{"mobileTelephoneNumber", contacts.Mobile},
		{"mobilePhone", contacts.Mobile},
		{"workMobile", contacts.Mobile},
		{"otherMobile", contacts.Mobile},
		{"homePhone", contacts.Home},
		{"homeTelephoneNumber", contacts.Home},
		{"otherHomePhone", contacts.Home},
		{"ipPhone", contacts.Internal},
		{"otherIpPhone", contacts.Internal},
		{"extension", contacts.Internal},
		{"extensionNumber", contacts.Internal},
		{"internalNumber", contacts.Internal},
		{"companyPhone", contacts.Main},
		{"facsimileTelephoneNumber", contacts.Fax},
		{"fax", contacts.Fax},
		{"otherFacsimileTelephoneNumber", contacts.Fax},
	}
)

// ldapFilter finds who may be a person, with a number or without. An attribute or class
// that a server does not know is no error in it (RFC 4511, 4.5.1.7). Who is none, or not
// any more, is left out when they have come: a server that does not know what tells them
// would find nobody.
const ldapFilter = "(|(objectClass=person)(objectClass=contact)(telephoneNumber=*)(mobile=*)(homePhone=*)(ipPhone=*))"

// readLDAP reads the entries below a base, a page at a time.
func readLDAP(ctx context.Context, j job) (f found, err error) {
	s, err := j.server()
	if err != nil {
		return f, err
	}
	secret, err := j.password(ctx)
	if err != nil {
		return f, err
	}
	conn, err := s.openLDAP(ctx)
	if err != nil {
		return f, err
	}
	c := ldap.NewConn(conn, true)
	c.Start()
	defer c.Close()
	if j.User != "" {
		if err := c.Bind(j.User, secret); err != nil {
			return f, s.bindError(c, err)
		}
	}
	paging := ldap.NewControlPaging(pageSize)
	for range maxPages {
		cookie, err := s.page(ctx, c, paging, &f)
		switch {
		case err != nil:
			return found{}, err
		case len(cookie) == 0 && len(f.all) == 0:
			return found{}, ErrEmpty
		case len(cookie) == 0:
			return f, nil
		}
		paging.SetCookie(cookie)
	}
	return found{}, ErrLarge
}

// openLDAP connects, with encryption but where it was chosen not to.
func (s *server) openLDAP(ctx context.Context) (net.Conn, error) {
	switch {
	case s.at.Scheme == "ldaps":
		conn, err := s.dial(ctx, "636")
		if err != nil {
			return nil, err
		}
		return s.encrypt(ctx, conn)
	case s.at.Scheme != "ldap":
		return nil, ErrUnsupported
	}
	conn, err := s.dial(ctx, "389")
	if err != nil || s.Clear {
		return conn, err
	}
	if err := s.startTLS(conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return s.encrypt(ctx, conn)
}

// startTLSRequest is the one message before TLS: an extended request, number 1, for
// 1.3.6.1.4.1.1466.20037 (RFC 4511, 4.14).
const startTLSRequest = "\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"

// startTLS asks for TLS, which encrypt agrees on then. It is done here because the
// library makes texts of what is wrong with a certificate, and reads ahead.
func (s *server) startTLS(conn net.Conn) error {
	if _, err := conn.Write([]byte(startTLSRequest)); err != nil {
		return s.cause(&ami.NetworkError{What: "asking for TLS", Err: err})
	}
	answer, err := ber.ReadPacket(conn)
	if err != nil {
		return s.broken(err)
	}
	switch err := resultOf(answer); {
	case err == nil:
		return nil
	case ldap.IsErrorWithCode(err, ldap.ErrorNetwork), ldap.IsErrorWithCode(err, ldap.ErrorUnexpectedResponse):
		return ErrProtocol
	}
	return ErrClear
}

// resultOf is what the library reads in an answer, which it does not check first.
func resultOf(answer *ber.Packet) (err error) {
	defer func() {
		if recover() != nil {
			err = ErrProtocol
		}
	}()
	return ldap.GetLDAPError(answer)
}

// page reads one page into f. The cookie is that of the next one, empty at the end.
func (s *server) page(ctx context.Context, c *ldap.Conn, paging *ldap.ControlPaging, f *found) (cookie []byte, err error) {
	attributes := append(slices.Concat(ldapNames, ldapCompanies), "givenName", "sn", "objectClass", "userAccountControl")
	for _, n := range ldapNumbers {
		attributes = append(attributes, n.attribute)
	}
	ctx, cancel := context.WithCancel(ctx)
	r := c.SearchAsync(ctx, ldap.NewSearchRequest(s.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases,
		0, 0, false, ldapFilter, attributes, []ldap.Control{paging}), 64)
	defer func() {
		for cancel(); r.Next(); { // its goroutine ends
		}
	}()
	for r.Next() {
		if p, ok := ldap.FindControl(r.Controls(), ldap.ControlTypePaging).(*ldap.ControlPaging); ok {
			cookie = p.Cookie
		}
		e := r.Entry()
		if e == nil || isNobody(e) { // the end, or a referral, which is not followed
			continue
		}
		if f.all = append(f.all, ldapEntry(e)); len(f.all) > contacts.MaxPeople {
			return nil, ErrLarge
		}
	}
	if err := r.Err(); err != nil {
		return nil, s.ldapError(c, err)
	}
	// What ended otherwise than by its result is not told as an error.
	if ctx.Err() != nil || c.IsClosing() || c.GetLastError() != nil {
		return nil, s.ldapError(c, cmp.Or(ctx.Err(), c.GetLastError(), error(ErrProtocol)))
	}
	return cookie, nil
}

// disabled is the bit of an account that is switched off (Active Directory,
// ADS_UF_ACCOUNTDISABLE).
const disabled = 2

// isNobody reports whether an entry is a computer, which is a person to Active Directory,
// or an account that is switched off.
func isNobody(e *ldap.Entry) bool {
	return slices.ContainsFunc(e.GetEqualFoldAttributeValues("objectClass"), func(c string) bool { return strings.EqualFold(c, "computer") }) ||
		hasBit(e.GetEqualFoldAttributeValue("userAccountControl"), disabled)
}

// ldapEntry is a person.
func ldapEntry(e *ldap.Entry) raw {
	first := func(attributes ...string) string {
		for _, a := range attributes {
			for _, v := range values(e, a) {
				if v != "" {
					return v
				}
			}
		}
		return ""
	}
	r := raw{
		Name:    cmp.Or(first(ldapNames...), strings.TrimSpace(first("givenName")+" "+first("sn"))),
		Company: first(ldapCompanies...),
	}
	for _, n := range ldapNumbers {
		for _, v := range values(e, n.attribute) {
			if v != "" && len(r.Numbers) < contacts.MaxNumbers {
				r.Numbers = append(r.Numbers, rawNumber{n.kind, v})
			}
		}
	}
	return r
}

// values are an attribute's, as texts.
func values(e *ldap.Entry, attribute string) []string {
	all := e.GetEqualFoldAttributeValues(attribute)
	for i, v := range all {
		all[i], _ = decode([]byte(strings.TrimSpace(v)), "")
	}
	return all
}

// bindError is what a login ended with. A user of which a server can make nothing is as
// wrong as one that it does not know; without a password it takes nobody for anybody.
func (s *server) bindError(c *ldap.Conn, err error) error {
	if ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultNoSuchObject, ldap.LDAPResultUnwillingToPerform, ldap.ErrorEmptyPassword) {
		return ErrLogin
	}
	return s.ldapError(c, err)
}

// ldapError is an error of the library, or of the server.
func (s *server) ldapError(c *ldap.Conn, err error) error {
	said := new(ldap.Error)
	if !errors.As(err, &said) {
		return s.broken(err)
	}
	switch said.ResultCode {
	case ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultUnwillingToPerform:
		if s.User == "" { // it wants to know who asks; slapd's "require authc" says the second
			return ErrLogin
		}
		if said.ResultCode == ldap.LDAPResultStrongAuthRequired {
			return ErrNeedsTLS
		}
	case ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultAuthMethodNotSupported:
		return ErrLogin
	case ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultOperationsError: // Active Directory's, of who is not logged in
		return ErrRights
	case ldap.LDAPResultConfidentialityRequired:
		return ErrNeedsTLS
	case ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultReferral:
		return ErrBase
	case ldap.LDAPResultSizeLimitExceeded, ldap.LDAPResultAdminLimitExceeded:
		return ErrLimit
	case ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultBusy, ldap.LDAPResultUnavailable:
		return ErrSilent
	case ldap.ErrorNetwork, ldap.ErrorUnexpectedMessage, ldap.ErrorUnexpectedResponse:
		return s.broken(err)
	}
	return &status.Problem{Code: status.CodeUnforeseen, Detail: clean.Foreign(clean.Text(said.Error(), clean.Detail))}
}

func hasBit(text string, bit int) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n&bit != 0
}
