export const agents = {
  todo: 'To come',
} as const
