export const start = {
  todo: 'To come',
} as const
