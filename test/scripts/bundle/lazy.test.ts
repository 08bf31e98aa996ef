import { describe, expect, test } from 'vitest'

interface Lazy {
  readonly lazyRequires: (source: string) => string
  readonly lazyImports: (source: string) => string
}

const { lazyRequires, lazyImports } = (await import(
  new URL('../../../scripts/bundle/lazy.mjs', import.meta.url).href
)) as Lazy

/** Runs CommonJS code with a `require` that notes what is loaded. */
function run(code: string, modules: Readonly<Record<string, unknown>>): { result: unknown; loaded: string[] } {
  const loaded: string[] = []
  const require = (name: string): unknown => {
    loaded.push(name)
    return modules[name]
  }
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is code that is tested
  const body = new Function('require', code) as (load: typeof require) => unknown
  return { result: body(require), loaded }
}

describe("a module required as TypeScript's compiler writes it", () => {
  const source = `
"use strict";
var __importDefault = (mod) => (mod && mod.__esModule) ? mod : { "default": mod };
const used_1 = require("used");
const unused_1 = require("unused");
const default_1 = __importDefault(require("default"));
function never() { return (0, unused_1.call)(unused_1.value); }
return [new default_1.default(2).twice, (0, used_1.call)(3), used_1.call(4), typeof never, { used_1: 5 }.used_1];`

  test('is loaded once, when it is used', () => {
    class Twice {
      readonly twice: number
      constructor(value: number) {
        this.twice = value * 2
      }
    }
    const { result, loaded } = run(lazyRequires(source), { used: { call: (x: number) => x + 1 }, default: Twice })

    expect(result).toEqual([4, 4, 5, 'function', 5])
    expect(loaded).toEqual(['default', 'used'])
  })

  test('keeps every line where it was', () => {
    expect(lazyRequires(source).split('\n').length).toBe(source.split('\n').length)
  })
})

describe('a built-in module as esbuild writes it', () => {
  const source = `
var import_node_zlib, import_node_net;
var import_node_os = require("node:os");
function init() {
  import_node_zlib = require("node:zlib");
  import_node_net = __toESM(require("node:net"), 1);
}
function __toESM(module) { return { default: module, ...module }; }
init();
return [(0, import_node_zlib.crc32)("x"), import_node_net.default.isIP("::1"), () => import_node_os.type()];`

  test('is loaded when it is used, also where a module inside another declares it first', () => {
    const modules = { 'node:zlib': { crc32: () => 7 }, 'node:net': { isIP: () => 6 } }
    const { result, loaded } = run(lazyImports(source), modules)

    expect(result).toEqual([7, 6, expect.any(Function)])
    expect(loaded).toEqual(['node:zlib', 'node:net'])
  })
})

test('what requires nothing stays as it is', () => {
  expect(lazyRequires('const x = 1')).toBe('const x = 1')
  expect(lazyImports('const import_node_x = 1')).toBe('const import_node_x = 1')
})
