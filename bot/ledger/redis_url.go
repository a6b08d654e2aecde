package ledger

import (
	"crypto/tls"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"yilu/bot"
)

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
		return nil, &bot.Error{Code: bot.Invalid, Op: "read settings", Field: "YILU_REDIS_URL", Say: say + "; it is like redis://user:password@host:6379/0"}
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme != "redis" && scheme != "rediss" {
		return refuse("it begins with neither redis:// nor rediss://")
	}
	hosts, tail := rest, ""
	if i := strings.IndexAny(rest[strings.LastIndex(rest, "@")+1:], "/?"); i >= 0 && !strings.Contains(rest, ","+scheme+"://") {
		i += strings.LastIndex(rest, "@") + 1
		hosts, tail = rest[:i], rest[i:]
	}
	user := ""
	if i := strings.LastIndex(hosts, "@"); i >= 0 && !strings.Contains(hosts, ","+scheme+"://") {
		user, hosts = hosts[:i+1], hosts[i+1:]
	}
	o := &redis.UniversalOptions{}
	for _, host := range strings.Split(hosts, ",") {
		host = strings.TrimPrefix(strings.TrimSpace(host), scheme+"://")
		if i := strings.LastIndex(host, "@"); i >= 0 {
			user, host = host[:i+1], host[i+1:]
		}
		if i := strings.IndexAny(host, "/?"); i >= 0 {
			host, tail = host[:i], host[i:]
		}
		if host == "" {
			return refuse("an address is empty")
		}
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), "6379")
		}
		o.Addrs = append(o.Addrs, host)
	}
	u, err := url.Parse(scheme + "://" + user + "host" + tail)
	if err != nil {
		return refuse("it is no URL: characters such as @ : / ? # in a password are written as %40 %3A %2F %3F %23")
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
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		if len(o.Addrs) == 1 {
			o.TLSConfig.ServerName, _, _ = net.SplitHostPort(o.Addrs[0])
		}
	}
	return o, nil
}
