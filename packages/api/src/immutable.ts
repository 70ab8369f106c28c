/** The type with every field and every array in it read-only. */
export type Immutable<T> = { readonly [Key in keyof T]: Immutable<T[Key]> };
