export const calls = {
  todo: 'To come',
} as const
