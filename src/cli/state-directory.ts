import { homedir } from 'node:os'
import path from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Where mq keeps what may be needed once more: `MQ_STATE_DIR`, else `mq` in the user's state folder (XDG). */
export function stateDirectory(env: Environment, platform: string = process.platform): string {
  const own = env['MQ_STATE_DIR']
  if (own) return path.resolve(own)
  // The XDG specification: a relative path is to be ignored.
  const xdg = env['XDG_STATE_HOME']
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, 'mq')
  const home = env['HOME'] || homedir()
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] || path.join(home, 'AppData', 'Local'), 'mq', 'state')
  return path.join(home, '.local', 'state', 'mq')
}
