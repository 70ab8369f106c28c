#!/usr/bin/env bash
# Makes the clip behind the built-in `demo` stream: apps/server/assets/demo/{init.mp4,0.m4s … 7.m4s}.
# Only for changing the clip: the repository ships the result, and the server needs no ffmpeg to play it.
# Needs: ffmpeg 5 or later with libx264 and drawtext, and the DejaVu fonts (Debian: ffmpeg, fonts-dejavu-core).
# Takes about a minute. FONT_DIR names another folder that has the two fonts.
#
# The rules that make the loop clean:
#  - 16 s: 8 segments of 50 frames (25 fps), 750 AAC frames of 1024 samples (48 kHz). Nothing is left over.
#  - Each wave moves by a whole number of its lengths in 16 s; each tone has a whole number of periods in it.
#  - The sound is encoded three times over and the middle third is kept: no encoder priming, and the first frame
#    overlaps with the last as if the sound had never stopped.
#  - Closed groups of pictures without B-frames: decode time is presentation time, and no edit list is needed.
set -euo pipefail
cd "$(dirname "$0")/.."

FONT_DIR=${FONT_DIR:-/usr/share/fonts/truetype/dejavu}
BOLD=$FONT_DIR/DejaVuSans-Bold.ttf
PLAIN=$FONT_DIR/DejaVuSans.ttf
for font in "$BOLD" "$PLAIN"; do
  [ -r "$font" ] || { echo "missing $font: install fonts-dejavu-core or set FONT_DIR" >&2; exit 2; }
done
command -v ffmpeg >/dev/null || { echo 'missing ffmpeg: install it first' >&2; exit 2; }

OUT=assets/demo
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

SIZE=960x540 FPS=25 LOOP=16

# ---- the picture: painted by the program beside this script, the writing by ffmpeg ----

SHADOW="shadowcolor=0x0b2a3a@0.3:shadowx=0:shadowy=2"
WRITING="drawtext=fontfile=$BOLD:text=Freshet:fontsize=54:fontcolor=white:x=56:y=48:$SHADOW,\
drawtext=fontfile=$PLAIN:text='the more rain, the more stream':fontsize=21:fontcolor=white@0.85:x=59:y=112,\
drawtext=fontfile=$BOLD:text='%{eif\:floor(t+0.001)\:d\:2}':fontsize=120:fontcolor=white:x=54:y=176:$SHADOW,\
drawtext=fontfile=$PLAIN:text='.%{eif\:mod(floor(t*100+0.1)\,100)\:d\:2}':fontsize=48:fontcolor=white@0.85:x=224:y=229"

echo 'painting' >&2
node scripts/paint-demo-clip.mjs |
  ffmpeg -v error -y -f rawvideo -pixel_format rgb24 -video_size $SIZE -framerate $FPS -i - \
    -vf "$WRITING,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p" -c:v ffv1 "$WORK/picture.mkv"

# ---- the sound: a quiet chord, and a chime each second that goes up on the even ones ----

echo 'playing the sound' >&2
PAD="0.035*(sin(2*PI*110*t)+0.8*sin(2*PI*164.8125*t)+0.6*sin(2*PI*220*t)+0.4*sin(2*PI*277.1875*t))\
*(0.75+0.25*sin(2*PI*t/8))"
# $1 is the seconds since it was struck: 5 ms to swell, then it rings out within the second.
NOTE="if(mod(floor(t),2),659.25,880)"
CHIME="0.10*min(1,mod(t,1)/0.005)*exp(-6*mod(t,1))*min(1,(1-mod(t,1))/0.02)*\
(sin(2*PI*$NOTE*mod(t,1))+0.35*exp(-5*mod(t,1))*sin(4*PI*$NOTE*mod(t,1)))"
ffmpeg -v error -y -f lavfi -i "aevalsrc='$PAD+$CHIME|$PAD+$CHIME':s=48000:d=$((3 * LOOP))" \
  -c:a aac -b:a 96k "$WORK/sound.mp4"
ffmpeg -v error -y -i "$WORK/sound.mp4" -c copy -ss $LOOP -t $LOOP "$WORK/loop.aac"

# ---- the clip ----

VIDEO=(-c:v libx264 -profile:v main -preset veryslow -bf 0 -refs 2 -g $((2 * FPS)) -keyint_min $((2 * FPS))
  -sc_threshold 0 -b:v 690k -maxrate 760k -bufsize 760k -passlogfile "$WORK/pass"
  -color_primaries bt709 -color_trc bt709 -colorspace bt709)

echo 'encoding' >&2
ffmpeg -v error -y -i "$WORK/picture.mkv" "${VIDEO[@]}" -pass 1 -f null -
mkdir -p "$WORK/clip"
ffmpeg -v error -y -i "$WORK/picture.mkv" -i "$WORK/loop.aac" -map 0:v -map 1:a "${VIDEO[@]}" -pass 2 \
  -c:a copy -bsf:a aac_adtstoasc -video_track_timescale 12800 -avoid_negative_ts disabled -fflags +bitexact \
  -f hls -hls_time 2 -hls_list_size 0 -hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 \
  -hls_segment_filename "$WORK/clip/%d.m4s" "$WORK/clip/index.m3u8"

mkdir -p $OUT
rm -f $OUT/*.m4s $OUT/init.mp4
cp "$WORK"/clip/init.mp4 "$WORK"/clip/*.m4s $OUT/
du -cb $OUT/* | tail -1 >&2
