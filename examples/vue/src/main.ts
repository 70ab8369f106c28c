import { createApp } from 'vue';
import Live from './Live.vue';

// ?url=… plays another stream instead of the demo stream of a server on this machine.
const url = new URLSearchParams(location.search).get('url') ?? 'http://localhost:8080/live/demo/index.m3u8';

createApp(Live, { url }).mount('#app');
