/** A key by its name, or the character it writes. */
export type Key =
  | { readonly name: 'up' | 'down' | 'left' | 'right' | 'pageup' | 'pagedown' | 'home' | 'end' }
  | { readonly name: 'enter' | 'esc' | 'tab' | 'backspace' | 'ctrl-c' | 'ctrl-z' | 'ctrl-l' | 'ctrl-r' | 'ctrl-u' }
  | { readonly name: 'text'; readonly text: string }

const sequences: ReadonlyMap<string, Key> = new Map(
  (
    [
      ['[A', 'up'],
      ['OA', 'up'],
      ['[B', 'down'],
      ['OB', 'down'],
      ['[C', 'right'],
      ['OC', 'right'],
      ['[D', 'left'],
      ['OD', 'left'],
      ['[5~', 'pageup'],
      ['[6~', 'pagedown'],
      ['[H', 'home'],
      ['[1~', 'home'],
      ['OH', 'home'],
      ['[F', 'end'],
      ['[4~', 'end'],
      ['OF', 'end'],
    ] as const
  ).map(([sequence, name]) => [sequence, { name }]),
)
const controls: ReadonlyMap<string, Key> = new Map(
  (
    [
      ['\r', 'enter'],
      ['\n', 'enter'],
      ['\t', 'tab'],
      ['\u007f', 'backspace'],
      ['\b', 'backspace'],
      ['\u0003', 'ctrl-c'],
      ['\u001a', 'ctrl-z'],
      ['\u000c', 'ctrl-l'],
      ['\u0012', 'ctrl-r'],
      ['\u0015', 'ctrl-u'],
    ] as const
  ).map(([character, name]) => [character, { name }]),
)

/** The keys in what a terminal has sent; sequences that mean nothing here are left out. */
export function readKeys(text: string): Key[] {
  const keys: Key[] = []
  // An escape that begins a sequence is no key of its own.
  for (const [token] of text.matchAll(/\u001b(?:\[[\d;?]*[ -/]*[@-~]|O[A-Z])|[\s\S]/gu)) {
    const key = token.startsWith('\u001b') ? escapeKey(token) : (controls.get(token) ?? textKey(token))
    if (key !== undefined) keys.push(key)
  }
  return keys
}

function escapeKey(token: string): Key | undefined {
  return token === '\u001b' ? { name: 'esc' } : sequences.get(token.slice(1))
}

function textKey(token: string): Key | undefined {
  return token >= ' ' ? { name: 'text', text: token } : undefined
}
