// Makes vectors.json: deliveries as WeChat would make them and the answers that must come back, by Node's own crypto, so
// that neither the channel nor wechattest is its own judge.
//
//	node vectors.mjs > vectors.json
import { createCipheriv, createHash, createHmac } from 'node:crypto'

const account = { appId: 'wxexample0000000001', token: 'TokenMarker1', originalId: 'gh_example0001' }
const keys = {
  current: 'AESKeyMarker00000000000000000000000000000AB',
  previous: 'PreviousMarker0000000000000000000000000000A',
}
const openid = 'oExample_0000000000000000001'
const time = 1795392300 // 2026-11-23 08:05 in Xiamen

const sign = (...parts) => createHash('sha1').update(parts.sort().join('')).digest('hex')
const cdata = text => '<![CDATA[' + text.replaceAll(']]>', ']]]]><![CDATA[>') + ']]>'
const aes = key => Buffer.from(key + '=', 'base64')

function seal(key, prefix, text) {
  const body = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const whole = Buffer.concat([prefix, length, body, Buffer.from(account.appId)])
  const fill = 32 - (whole.length % 32)
  const cipher = createCipheriv('aes-256-cbc', aes(key), aes(key).subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([cipher.update(Buffer.concat([whole, Buffer.alloc(fill, fill)])), cipher.final()]).toString('base64')
}

const message = (id, text) => `<xml>
<ToUserName>${cdata(account.originalId)}</ToUserName>
<FromUserName>${cdata(openid)}</FromUserName>
<CreateTime>${time}</CreateTime>
<MsgType>${cdata('text')}</MsgType>
<Content>${cdata(text)}</Content>
<MsgId>${id}</MsgId>
</xml>`

function deliver(mode, key, nonce, xml, prefix) {
  const timestamp = String(time)
  const query = { nonce, openid, signature: sign(account.token, timestamp, nonce), timestamp }
  if (mode === 'plain') return { query, body: xml }
  const sealed = seal(key, prefix, xml)
  query.encrypt_type = 'aes'
  query.msg_signature = sign(account.token, timestamp, nonce, sealed)
  const last = `<Encrypt>${cdata(sealed)}</Encrypt>\n</xml>`
  if (mode === 'safe') return { query, body: `<xml>\n<ToUserName>${cdata(account.originalId)}</ToUserName>\n${last}` }
  return { query, body: xml.replace(/<\/xml>$/, () => last) }
}

// The answer says what was said. What is random in it is derived, so that every delivery gets the same bytes.
function answer(mode, key, id, text) {
  const plain = `<xml><ToUserName>${cdata(openid)}</ToUserName><FromUserName>${cdata(account.originalId)}</FromUserName>` +
    `<CreateTime>${time}</CreateTime><MsgType>${cdata('text')}</MsgType><Content>${cdata(text)}</Content></xml>`
  if (mode === 'plain') return plain
  const own = createHmac('sha256', aes(key)).update('yilu wechat answer').digest()
  const seed = createHmac('sha256', own).update(`${id}\0${openid}\0${account.originalId}\0${plain}`).digest()
  const sealed = seal(key, seed.subarray(0, 16), plain)
  const nonce = String(seed.readBigUInt64BE(16) % 10n ** 10n).padStart(10, '0')
  return `<xml><Encrypt>${cdata(sealed)}</Encrypt><MsgSignature>${cdata(sign(account.token, String(time), nonce, sealed))}</MsgSignature>` +
    `<TimeStamp>${time}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`
}

// Texts that end before, at and behind the end of a block, in delivery or answer, whatever stands around them.
const boundary = Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`block ${n}`, 'x'.repeat(n + 1)]))
const texts = {
  letters: 'hello', chinese: '老陈，瓦工，同安，一天三百。', emoji: '👷‍♂️ 找活', lines: '第一行\n第二行',
  markup: '<a href="x">&amp;</a>', 'closing cdata': 'a]]>b]]]]>c', long: '我要找活'.repeat(100), ...boundary,
}

const cases = []
for (const mode of ['plain', 'compatible', 'safe']) {
  for (const [name, text] of Object.entries(texts)) {
    if (mode !== 'safe' && name.startsWith('block')) continue
    for (const key of mode === 'plain' ? [''] : name === 'chinese' ? ['current', 'previous'] : ['current']) {
      const id = String(7000000000000000000n + BigInt(cases.length))
      const nonce = String(1000000000 + cases.length)
      const xml = message(id, text)
      // wechattest derives its bytes before the text; the real ones are random, so some of these are others.
      const derived = createHash('sha256').update('wechattest' + nonce + xml).digest().subarray(0, 16)
      const like = mode === 'plain' || name !== 'letters'
      cases.push({
        name: `${mode} ${name} ${key}`.trim(), mode, key, id, nonce, text, xml, derived: like,
        ...deliver(mode, keys[key], nonce, xml, like ? derived : Buffer.from('k7Qp2ZxM9vLr4TnB')),
        answer: answer(mode, keys[key], id, text),
      })
    }
  }
}
console.log(JSON.stringify({ account, keys, openid, time, cases }, null, 1))
