import { homedir } from 'node:os'
import path from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the embedded broker keeps its data: `MQ_DATA_DIR`, else `mq/broker` in the user's data folder (XDG). */
export function dataDirectory(env: Environment, platform: string = process.platform): string {
  const own = env['MQ_DATA_DIR']
  if (own) return path.resolve(own)
  return path.join(userDataFolder(env, platform), 'mq', 'broker')
}

function userDataFolder(env: Environment, platform: string): string {
  // The XDG specification: a relative path is to be ignored.
  const xdg = env['XDG_DATA_HOME']
  if (xdg && path.isAbsolute(xdg)) return xdg
  const home = env['HOME'] || homedir()
  if (platform === 'win32') return env['LOCALAPPDATA'] || path.join(home, 'AppData', 'Local')
  return path.join(home, '.local', 'share')
}
