/** A place to drop a file on, and how far it is. */
import { Button, FileButton, Group, Progress, Stack, Text } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { type DragEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Upload } from './upload'
import classes from '../setup/setup.module.css'

const ENDINGS = '.csv,.tsv,.txt,.zip,.gz,text/csv'

export function DropFile({ upload, onFile }: { upload: Upload | null; onFile: (file: File) => void }) {
  const { t } = useTranslation('campaigns')
  const [over, setOver] = useState(false)
  const drag = (event: DragEvent, inside: boolean) => {
    event.preventDefault()
    setOver(inside)
  }
  return (
    <Stack gap="sm">
      <div
        role="group"
        aria-label={t('upload.drop')}
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => drag(event, true)}
        onDragLeave={(event) => drag(event, false)}
        onDrop={(event) => {
          drag(event, false)
          const file = event.dataTransfer.files[0]
          if (file) onFile(file)
        }}
      >
        <IconUpload size={22} stroke={1.5} aria-hidden />
        <div>
          <Text fw={500}>{t(over ? 'upload.dropNow' : 'upload.drop')}</Text>
          <Text size="sm" c="dimmed">
            {t('upload.help')}
          </Text>
        </div>
        <FileButton accept={ENDINGS} onChange={(file) => file && onFile(file)}>
          {(props) => (
            <Button variant="default" {...props}>
              {t('upload.choose')}
            </Button>
          )}
        </FileButton>
      </div>
      {upload &&
        (upload.problem ? (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {t('upload.failed', { name: upload.name, problem: upload.problem })}
          </Text>
        ) : (
          <Group gap="sm" role="status">
            <Text size="sm" flex={1}>
              {t('upload.of', { name: upload.name, percent: upload.percent })}
            </Text>
            <Progress value={upload.percent} w={140} aria-label={upload.name} />
          </Group>
        ))}
    </Stack>
  )
}
