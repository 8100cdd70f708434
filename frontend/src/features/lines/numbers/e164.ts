/** Telephone numbers as they are typed in. */

export const bare = (number: string): string => number.replace(/[\s().-]/g, '')

export const isE164 = (number: string): boolean => /^\+[1-9]\d{6,14}$/.test(bare(number))
