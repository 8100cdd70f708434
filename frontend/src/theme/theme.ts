/**
 * The look: warm paper and ink, one accent (petrol), hairlines instead of shadows, IBM Plex.
 *
 * Two more hues mean something and are used for nothing else: `caller` (amber) and `agent` (petrol), the
 * two sides of a call, in waveforms, transcripts and bars.
 */
import { createTheme, type MantineColorsTuple } from '@mantine/core'
import { common } from '@/components/texts'

const petrol: MantineColorsTuple = [
  '#e9f6f3',
  '#d3ebe5',
  '#a5d7cb',
  '#74c1b0',
  '#4caf99',
  '#2f9f87',
  '#147d68',
  '#0b6558',
  '#075247',
  '#023f37',
]
const stone: MantineColorsTuple = [
  '#faf9f7',
  '#f3f1ed',
  '#e8e5df',
  '#d8d4cb',
  '#bdb8ad',
  '#948f84',
  '#6f6b62',
  '#504d46',
  '#35332e',
  '#1f1e1b',
]
const night: MantineColorsTuple = [
  '#e6e4df',
  '#c4c1ba',
  '#a29f98',
  '#85827b',
  '#4f4d49',
  '#393835',
  '#2a2927',
  '#201f1e',
  '#191817',
  '#111110',
]
const amber: MantineColorsTuple = [
  '#fff6e1',
  '#fdebc6',
  '#f8d68f',
  '#f3c056',
  '#efae28',
  '#d9970f',
  '#b07707',
  '#895b02',
  '#6b4700',
  '#4f3300',
]
const brick: MantineColorsTuple = [
  '#fdeeea',
  '#f8dad2',
  '#efb3a4',
  '#e68a74',
  '#de684b',
  '#d65130',
  '#b93c1e',
  '#983017',
  '#7a2611',
  '#5d1b0b',
]

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.36,
  colors: { petrol, gray: stone, dark: night, amber, red: brick, yellow: amber, green: petrol },
  white: '#ffffff',
  black: '#1f1e1b',
  fontFamily: "'IBM Plex Sans', system-ui, sans-serif",
  fontFamilyMonospace: "'IBM Plex Mono', ui-monospace, monospace",
  headings: {
    fontFamily: "'IBM Plex Sans', system-ui, sans-serif",
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.625rem', lineHeight: '1.25' },
      h2: { fontSize: '1.25rem', lineHeight: '1.3' },
      h3: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h4: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '20px' },
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    Paper: { defaultProps: { withBorder: true, shadow: 'none', radius: 'md' } },
    Card: { defaultProps: { withBorder: true, shadow: 'none', radius: 'md', padding: 'md' } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 'md',
        overlayProps: { backgroundOpacity: 0.45, blur: 1 },
        closeButtonProps: { 'aria-label': common.close },
      },
    },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': common.close } } },
    // A header beside the page's own would be a second banner.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': common.close } } },
    Table: { defaultProps: { verticalSpacing: 'xs', highlightOnHover: true } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250 } },
    Badge: { defaultProps: { variant: 'light', radius: 'sm' } },
    Anchor: { defaultProps: { underline: 'always' } },
  },
})
