import { Flags } from '@oclif/core'
import { readFlag } from '../flag-types.ts'
import { type ListenAddress, parseListenAddress } from './listen-address.ts'

/** Where metrics are served. */
export const listenFlag = Flags.custom<ListenAddress>({
  parse: (text, _context, { name }) => Promise.resolve(readFlag(name, text, parseListenAddress)),
  helpValue: '[HOST:]PORT',
  summary: 'where /metrics is served for Prometheus (127.0.0.1; 0: any port)',
})
