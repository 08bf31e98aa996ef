import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { clientId, localIp } from '../../../src/core/client/index.ts'

function entry(family: 'IPv4' | 'IPv6', address: string, internal = false): NetworkInterfaceInfo {
  const shared = { address, netmask: '', mac: '', internal, cidr: null }
  return family === 'IPv4' ? { ...shared, family } : { ...shared, family, scopeid: 0 }
}

describe('localIp', () => {
  it('takes the first IPv4 address that is not loopback, also behind an IPv6 one', () => {
    const interfaces = {
      lo: [entry('IPv4', '127.0.0.1', true)],
      eth0: [entry('IPv6', '2001:db8::5'), entry('IPv4', '10.0.0.5')],
      eth1: [entry('IPv4', '10.0.0.6')],
    }

    expect(localIp(interfaces)).toBe('10.0.0.5')
  })

  it('takes an IPv6 address where there is no other, but not one that holds for one link only', () => {
    const interfaces = { eth0: [entry('IPv6', 'fe80::1'), entry('IPv6', '2001:db8::5')] }

    expect(localIp(interfaces)).toBe('2001:db8::5')
  })

  it('falls back to loopback on a host without a network', () => {
    expect(localIp({ lo: [entry('IPv4', '127.0.0.1', true)], eth0: undefined })).toBe('127.0.0.1')
  })
})

describe('clientId', () => {
  it('joins address, process and what is unique as Java clients do', () => {
    expect(clientId({ ip: '10.0.0.5', pid: 7, unique: '42' })).toBe('10.0.0.5@7#42')
    expect(clientId({ ip: '10.0.0.5', pid: 7, unique: '42', unit: 'u' })).toBe('10.0.0.5@7#42@u')
  })

  it('may be a name that stays, as that of a broadcasting Java client is', () => {
    expect(clientId({ ip: '10.0.0.5', instance: 'DEFAULT' })).toBe('10.0.0.5@DEFAULT')
    expect(clientId({ ip: '10.0.0.5', instance: 'second', unit: 'u' })).toBe('10.0.0.5@second@u')
  })

  it('says of a consumer that polls that it does', () => {
    expect(clientId({ ip: '10.0.0.5', pid: 7, unique: '42', unit: 'u', stream: true })).toBe('10.0.0.5@7#42@u@STREAM')
  })

  it('brackets an IPv6 address', () => {
    expect(clientId({ ip: '2001:db8::5', pid: 7, unique: '42' })).toBe('[2001:db8::5]@7#42')
  })
})
