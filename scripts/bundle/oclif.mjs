// What the bundle takes for '@oclif/core', whose own index loads all of it and checks the version of Node with semver. A name
// that is used and missing here fails the build.
export * as Args from '@oclif/core/args'
export { Command } from '@oclif/core/command'
export { Config } from '@oclif/core/config'
export * as Errors from '@oclif/core/errors'
export * as Flags from '@oclif/core/flags'
