// @ts-check
import { openDialog } from '../dialog.js';
import { fill, h, icon } from '../dom.js';
import { toJpeg } from './load-photo.js';

/**
 * Shows the camera and takes one picture; it is switched off when the dialog closes.
 * @param {(picture: Blob) => void} onPicture
 */
export async function takePicture(onPicture) {
  /** @type {MediaStream | null} */
  let stream = null;
  let isOpen = true;
  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  const dialog = openDialog({
    title: 'Take a photo',
    onClose: () => {
      isOpen = false;
      stop();
    },
  });
  const video = h('video', {
    class: 'camera',
    autoplay: true,
    playsinline: true,
    'aria-label': 'What the camera sees',
  });
  video.muted = true;
  const shoot = h('button', { class: 'button primary', type: 'button', disabled: true }, icon('camera'), 'Take it');
  shoot.addEventListener('click', async () => {
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d')?.drawImage(video, 0, 0);
    const picture = await toJpeg(canvas);
    dialog.close();
    onPicture(picture);
  });
  fill(dialog.body, video, h('p', { class: 'hint' }, 'The picture goes to this service only, and is not kept.'));
  fill(dialog.footer, shoot);
  try {
    const wanted = { video: { width: { ideal: 1920 }, height: { ideal: 1080 } }, audio: false };
    stream = await navigator.mediaDevices.getUserMedia(wanted);
    // It may have been closed while the browser asked.
    if (!isOpen) return stop();
    video.srcObject = stream;
    await video.play();
    shoot.disabled = false;
    shoot.focus();
  } catch (error) {
    const reason =
      error instanceof DOMException && error.name === 'NotAllowedError' ? 'It was not allowed.' : 'None was found.';
    fill(
      dialog.body,
      h(
        'div',
        { class: 'error-panel', role: 'alert' },
        icon('warning'),
        h(
          'div',
          { class: 'error-words' },
          h('strong', null, 'No camera'),
          h('p', null, `${reason} Choose a photo instead.`),
        ),
      ),
    );
  }
}
