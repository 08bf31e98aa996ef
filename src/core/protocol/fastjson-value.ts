/**
 * A value of the JSON dialect Java's fastjson writes: standard JSON, plus bare integer keys (`{0:"a"}`), objects and
 * arrays as keys (`{{"queueId":0}:1}`), a trailing comma, and `{"$ref":"$.path"}` for a repeated object. Integers
 * beyond 2^53 are bigints. Every object is a `Map`, because its keys come from the wire.
 */
export type FastjsonValue = string | number | bigint | boolean | null | FastjsonValue[] | FastjsonObject
export type FastjsonObject = Map<FastjsonValue, FastjsonValue>
