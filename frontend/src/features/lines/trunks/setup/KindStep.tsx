/** What is to be connected. */
import { Group, SimpleGrid, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { IconBuilding, IconDeviceLandlinePhone, IconKey, IconRouter, type Icon } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { type Kind, KINDS } from './kinds'
import classes from './setup.module.css'

const ICONS: Record<Kind, Icon> = {
  addresses: IconRouter,
  account: IconKey,
  pbx: IconBuilding,
  phone: IconDeviceLandlinePhone,
}

interface KindStepProps {
  chosen: Kind | null
  onChoose: (kind: Kind) => void
}

export function KindStep({ chosen, onChoose }: KindStepProps) {
  const { t } = useTranslation('lines')
  return (
    <Stack gap="sm">
      <Title order={2}>{t('whatConnect')}</Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        {KINDS.map((kind) => {
          const Picture = ICONS[kind]
          return (
            <UnstyledButton
              key={kind}
              className={classes.kind}
              data-chosen={kind === chosen || undefined}
              onClick={() => onChoose(kind)}
            >
              <Group gap="sm" wrap="nowrap" align="flex-start">
                <Picture size={22} aria-hidden />
                <span>
                  <Text span fw={500} display="block">
                    {t(`setup.${kind}.choice`)}
                  </Text>
                  <Text span size="sm" c="dimmed" display="block">
                    {t(`setup.${kind}.text`)}
                  </Text>
                </span>
              </Group>
            </UnstyledButton>
          )
        })}
      </SimpleGrid>
    </Stack>
  )
}
