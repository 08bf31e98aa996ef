/**
 * Who carries a reset (222) out: the broker, as from 5.2 on (`useServerSideResetOffset`), or the members it tells, as
 * before.
 */
export type ResetMode = 'server-side' | 'client-push'
