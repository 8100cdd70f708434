/** The keys of a phone. */
import { Button, SimpleGrid, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

const KEYS = [...'123456789*0#']

export function DtmfPad({ onPress }: { onPress: (digit: string) => void }) {
  const { t } = useTranslation('talk')
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {t('keys')}
      </Text>
      <SimpleGrid cols={3} spacing={6} verticalSpacing={6} maw={210}>
        {KEYS.map((digit) => (
          <Button
            key={digit}
            variant="default"
            size="sm"
            className="tl-mono"
            aria-label={t('key', { digit })}
            onClick={() => onPress(digit)}
          >
            {digit}
          </Button>
        ))}
      </SimpleGrid>
    </Stack>
  )
}
