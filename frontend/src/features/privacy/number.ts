/** Telephone numbers as people type them: "+1 (202) 555-0100" is "+12025550100". */
export const plain = (typed: string): string => typed.replace(/[\s().\-/]/g, '')

/** E.164. */
export const isNumber = (typed: string): boolean => /^\+[1-9]\d{6,14}$/.test(plain(typed))
