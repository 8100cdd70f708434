export const home = {
  todo: 'To come',
} as const
