import { homedir } from 'node:os'
import path from 'node:path'

/** Where settings of the user are kept: `MQ_CONFIG_DIR`, else `mq` in the user's configuration folder (XDG). */
export function configDirectory(
  env: Readonly<Record<string, string | undefined>>,
  platform: string = process.platform,
): string {
  const own = env['MQ_CONFIG_DIR']
  if (own) return path.resolve(own)
  // The XDG specification: a relative path is to be ignored.
  const xdg = env['XDG_CONFIG_HOME']
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, 'mq')
  const home = env['HOME'] || homedir()
  if (platform === 'win32') return path.join(env['APPDATA'] || path.join(home, 'AppData', 'Roaming'), 'mq')
  return path.join(home, '.config', 'mq')
}
