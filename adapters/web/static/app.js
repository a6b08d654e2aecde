// With this script a message is sent without loading the page again. Without it the same forms work by themselves.
(() => {
  'use strict';
  const $ = (id) => document.getElementById(id);
  const log = $('log'), box = $('text'), note = $('note'), text = document.body.dataset;
  const fine = matchMedia('(pointer: fine)').matches;
  const store = 'yilu.unsent';
  const queue = []; // {id, text, choice, label, node}: the first is on its way or waits to be tried again
  const lastTry = 7;
  let busy = false, tries = 0, timer = 0;

  const copy = (id) => $(id).content.firstElementChild.cloneNode(true);
  const make = (tag, name, words) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (words !== undefined) { node.textContent = words; node.dir = 'auto'; }
    return node;
  };
  const newID = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');

  // What is not sent yet outlives a reload of the page. A message that had arrived after all has its id on the server.
  const save = () => {
    try {
      if (queue.length) sessionStorage.setItem(store, JSON.stringify(queue, ['id', 'text', 'choice', 'label']));
      else sessionStorage.removeItem(store);
    } catch (e) { /* storage is switched off: the page still holds them */ }
  };
  const saved = () => {
    try { return JSON.parse(sessionStorage.getItem(store)) || []; } catch (e) { return []; }
  };

  const tell = (words) => {
    note.textContent = '';
    note.append(make('p', '', words));
    note.hidden = !words;
  };
  const show = (node) => {
    const tall = node.offsetHeight > $('scroll').clientHeight;
    node.scrollIntoView({ block: tall ? 'start' : 'end' });
  };
  const open = (on) => log.querySelectorAll('.choices button').forEach((b) => { b.disabled = !on; });

  // Choices of the past can be read and no longer pressed.
  const retire = () => log.querySelectorAll('.choices').forEach((form) => {
    const past = make('p', 'offered');
    form.querySelectorAll('button').forEach((b) => {
      const one = make('span');
      one.append(b.firstElementChild.cloneNode(true), ' ', b.lastElementChild.textContent);
      past.append(one, ' ');
    });
    form.replaceWith(past);
  });

  const bubble = (item) => {
    const node = copy('t-said');
    node.dataset.id = item.id;
    node.querySelector('.bubble').textContent = item.label || item.text;
    return node;
  };
  const answer = (reply) => {
    const node = copy('t-reply');
    node.lang = reply.lang;
    if (reply.progress) node.append(make('p', 'progress', reply.progress));
    const words = make('div', 'bubble');
    (reply.texts || []).forEach((t) => words.append(make('p', '', t)));
    if (words.firstChild) node.append(words);
    const form = make('form', 'choices');
    form.method = 'post';
    (reply.choices || []).forEach((c, i) => {
      const b = make('button');
      b.name = 'choice';
      b.value = c.send;
      b.append(make('b', '', i + 1), ' ', make('span', '', c.label));
      form.append(b);
    });
    if (form.firstChild) node.append(form);
    return node;
  };

  const hints = { phone: ['tel', 'tel'], name: ['text', 'name'], party: ['numeric', 'off'] };
  const want = (kind) => {
    const [mode, fill] = hints[kind] || ['text', 'off'];
    box.inputMode = mode;
    box.autocomplete = fill;
  };

  const add = (item) => {
    item.node = log.appendChild(bubble(item));
    queue.push(item);
    save();
    open(false);
    tell('');
    show(item.node);
    pump();
  };

  // post returns {reply}, or {say} if it will never be taken, or {} if it may be taken later.
  const post = async (item) => {
    const stop = window.AbortController ? new AbortController() : { abort() {} };
    const late = setTimeout(() => stop.abort(), 30000);
    try {
      const res = await fetch('/messages', {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(item, ['id', 'text', 'choice']),
        signal: stop.signal,
      });
      const body = await res.json();
      if (res.ok && body.reply) return body;
      if (tries && body.error && body.error.code === 'no_cookie') tell(body.error.say);
      if ([400, 403, 413, 415].includes(res.status) && body.error) return { say: body.error.say };
    } catch (e) { /* no network, too late, or an answer that is not ours */ } finally {
      clearTimeout(late);
    }
    return {};
  };

  // One after another, so that they arrive in the order in which they were written.
  const pump = async () => {
    if (busy || !queue.length) return;
    busy = true;
    clearTimeout(timer);
    const item = queue[0];
    item.node.querySelector('.unsent').hidden = true;
    const wait = copy('t-wait');
    item.node.after(wait);
    if (queue.length === 1) show(wait);
    const got = await post(item);
    wait.remove();
    busy = false;
    if (got.reply) taken(item, got.reply);
    else if (got.say) refused(item, got.say);
    else later(item);
  };
  const next = () => {
    queue.shift();
    tries = 0;
    save();
    pump();
  };
  const taken = (item, reply) => {
    retire();
    const node = answer(reply);
    item.node.after(node);
    want(reply.want);
    $('quick').hidden = false;
    if (queue.length > 1) open(false);
    else show(node);
    next();
    const ours = document.querySelector(`.bar a[lang="${CSS.escape(reply.lang)}"]`);
    if (ours && !queue.length && !box.value) location.replace('/'); // the page follows the conversation's language
  };
  const refused = (item, say) => {
    item.node.remove();
    if (item.text && !item.choice) box.value = box.value ? `${item.text}\n${box.value}` : item.text;
    fit();
    open(queue.length === 1);
    next();
    tell(say);
  };
  const later = (item) => {
    item.node.querySelector('.unsent').hidden = false;
    if (queue.length === 1) show(item.node);
    tries += 1;
    if (tries < lastTry) timer = setTimeout(pump, Math.min(30000, 500 * 2 ** tries) * (0.75 + Math.random() / 2));
  };
  const again = () => {
    tries = 0;
    pump();
  };

  const sendTyped = () => {
    const words = box.value.trim();
    if (!words) return;
    if (Array.from(words).length > Number(text.max)) {
      tell(text.long);
      return;
    }
    box.value = '';
    fit();
    add({ id: newID(), text: words });
  };
  const fit = () => {
    if (CSS.supports('field-sizing', 'content')) return;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight + 3}px`;
  };

  $('say').addEventListener('submit', (e) => {
    e.preventDefault();
    sendTyped();
    box.focus({ preventScroll: true });
  });
  $('send').addEventListener('mousedown', (e) => e.preventDefault()); // the keyboard of a phone stays up
  box.addEventListener('input', fit);
  box.addEventListener('keydown', (e) => {
    // 229 is a key that belongs to an input method.
    if (e.key !== 'Enter' || e.shiftKey || e.isComposing || e.keyCode === 229) return;
    e.preventDefault();
    sendTyped();
  });
  document.body.addEventListener('click', (e) => {
    const b = e.target.closest('button');
    if (!b) return;
    if ('retry' in b.dataset) again();
    if (!b.name) return;
    e.preventDefault();
    if (b.name === 'choice') add({ id: newID(), choice: b.value, label: (b.querySelector('span') || b).textContent });
    else add({ id: newID(), text: b.value });
    if (fine || e.detail === 0) box.focus({ preventScroll: true }); // not on touch, where it would raise the keyboard
  });
  addEventListener('online', again);

  saved().forEach((item) => {
    if (!log.querySelector(`[data-id="${CSS.escape(item.id)}"]`)) add(item);
  });
  save();
  if (!navigator.cookieEnabled) tell(text.cookies);
  if (location.search) history.replaceState(null, '', '/');
  if (fine) box.focus({ preventScroll: true });
})();
