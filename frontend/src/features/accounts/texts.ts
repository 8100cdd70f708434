export const accounts = {
  todo: 'To come',
} as const
