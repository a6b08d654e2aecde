package ledger

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"yilu/bot"
)

// The client writes lines of its own to the standard error, some for every attempt to connect. What they say is in the
// errors that it returns, which are logged once, as everything is.
func init() { redis.SetLogger(silent{}) }

type silent struct{}

// Printf implements the client's logger.
func (silent) Printf(context.Context, string, ...any) {}

// RedisSetting is the environment name of the address.
const RedisSetting = "YILU_REDIS_URL"

// ParseRedisURL reads YILU_REDIS_URL:
//
//	redis://user:password@host:6379/0              one server
//	rediss://…                                     with TLS
//	redis://…@host1:6379,host2:6379,host3:6379     a cluster (a single address with ?cluster=true)
//	redis://…@host1:26379,host2:26379/0?master_name=yilu   the master that Sentinel names; with sentinel_username and
//	                                               sentinel_password if the Sentinels want them
//
// Its errors name what is wrong and repeat nothing: there is a password in it.
func ParseRedisURL(text string) (*redis.UniversalOptions, error) {
	refuse := func(say string) (*redis.UniversalOptions, error) {
		return nil, &bot.Error{Code: bot.Invalid, Op: "read settings", Field: RedisSetting, Say: say + "; it is like redis://user:password@host:6379/0"}
	}
	const escape = "characters such as @ : , / ? # in a password are written as %40 %3A %2C %2F %3F %23"
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme != "redis" && scheme != "rediss" {
		return refuse("it begins with neither redis:// nor rediss://")
	}
	if strings.ContainsAny(text, "# \t\r\n") {
		return refuse("it holds a space or a #: " + escape)
	}
	rest = strings.ReplaceAll(rest, ","+scheme+"://", ",") // each address may be written as a URL
	hosts, tail := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		hosts, tail = rest[:i], rest[i:]
	}
	user, named := "", false
	o := &redis.UniversalOptions{}
	for i, host := range strings.Split(hosts, ",") {
		if at := strings.LastIndex(host, "@"); at >= 0 {
			if named && host[:at+1] != user || i > 0 && !named {
				return refuse("user and password stand before the first address, the same for all: " + escape)
			}
			user, named, host = host[:at+1], true, host[at+1:]
		}
		address, err := dialable(host)
		if err != "" {
			return refuse(err + ": " + escape)
		}
		o.Addrs = append(o.Addrs, address)
	}
	u, err := url.Parse(scheme + "://" + user + "host" + tail)
	if err != nil || u.Host != "host" || u.Fragment != "" {
		return refuse("it is no URL: " + escape)
	}
	o.Username = u.User.Username()
	o.Password, _ = u.User.Password()
	if path := strings.Trim(u.Path, "/"); path != "" {
		if o.DB, err = strconv.Atoi(path); err != nil || o.DB < 0 {
			return refuse("behind the / stands the number of a database")
		}
	}
	for name, values := range u.Query() {
		switch last := values[len(values)-1]; name {
		case "master_name":
			o.MasterName = last
		case "sentinel_username":
			o.SentinelUsername = last
		case "sentinel_password":
			o.SentinelPassword = last
		case "cluster":
			if o.IsClusterMode, err = strconv.ParseBool(last); err != nil {
				return refuse("cluster is true or false")
			}
		default:
			return refuse("it knows master_name, sentinel_username, sentinel_password and cluster, and nothing else")
		}
	}
	if o.DB != 0 && (len(o.Addrs) > 1 || o.IsClusterMode) && o.MasterName == "" {
		return refuse("a cluster has the database 0 only")
	}
	if scheme == "rediss" {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12} // the name is that of each address that is dialled
	}
	return o, nil
}

// dialable is an address with a port, or what is wrong with it.
func dialable(host string) (address, fault string) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "6379"
		if strings.Contains(name, ":") && (net.ParseIP(name) == nil || host == name) {
			return "", "an address is neither host:port nor [IPv6]:port"
		}
	}
	if name == "" {
		return "", "an address is empty"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", "a port is no number"
	}
	return net.JoinHostPort(name, port), ""
}
