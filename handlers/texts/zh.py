"""Chinese (simplified)."""

from __future__ import annotations

from pipeline.values import EmotionLabel

MOODS: dict[EmotionLabel, str] = {
    "angry": "愤怒",
    "disgust": "厌恶",
    "fear": "不安",
    "happy": "开心",
    "sad": "悲伤",
    "surprise": "惊讶",
    "neutral": "平静",
}

SENTENCES: dict[str, str] = {
    "song_title": "{mood} · {genre}",
    "empty_file": "这个文件是空的，请重新发送照片。",
    "file_too_large": "这个文件有 {megabytes} MB，我最多能接收 {limit} MB。发一张小一点的就好。",
    "photo_lost": "还没来得及看，你的照片就丢失了。请再发一次。",
    "bad_duration": "歌曲长度可以是 {low} 到 {high} 秒。",
    "broken": "我们这边出了故障，已经记录下来。请再试一次。",
    "worker_died": "这首歌做了 {attempts} 次都失败了，我先停下。请稍后再试。",
    "mood_timeout": "查看照片花的时间太长了。请再试一次，或换一张小一点的。",
    "render_timeout": "生成花的时间太长，我停下了。请再试一次。",
    "delivery_timeout": "歌已做好，但没能及时发出。/history 里有它，/show 会再发给你。",
    "unknown_song": "我没有编号为 {id} 的歌。",
    "unknown_listener": "我还不认识名叫“{name}”的听众。",
    "bad_score": "评分在 {low} 到 {high} 之间。",
    "comment_too_long": "评论最多 {limit} 个字符。",
    "too_many_words": "列表太长了，最多写 {limit} 个。",
    "word_too_long": "有一个名字太长了，每个请少于 {limit} 个字符。",
    "avoid_too_long": "请用最多 {limit} 个字符说明要避开什么。",
    "bad_bpm": "速度范围是 {low} 到 {high} 之间的两个数，小的在前，例如 80-120。",
    "unknown_locale": "我会说这些语言：{known}。",
    "cancelled": "这首歌已取消。",
    "unknown_engine": "这里没有“{engine}”引擎。可以让我来选，或用 sketch。",
    "menu_make_song": "做一首歌",
    "no_picture": "我没有看到图片。请发一张有脸的照片或一段短视频。",
    "answer_too_large": "文件超过了这里的大小限制。换一个限制更高的地方也许可以。",
    "rate_title": "为第 {id} 首歌评分",
    "rate_score": "星级，0 到 5",
    "rate_comment": "下次希望有什么不同？",
    "stage_received": "已收到照片",
    "stage_reading": "正在看心情",
    "stage_asking": "等你回答",
    "stage_drafting": "正在写乐曲说明",
    "stage_queued": "等待乐手",
    "stage_rendering": "正在生成",
    "stage_delivering": "正在发送",
    "stage_delivered": "完成",
    "stage_failed": "失败",
    "stage_cancelled": "已取消",
    "stage_ambiguous": "可能已送达",
    # Telegram's own
    "ask_score": "打几星，0 到 5？也可以直接回复这首歌，写几句感想。",
    "open_private": "这个回答只给你一个人看。请打开与我的私聊并点“开始”，然后再问一次。",
    "about_start": "开始：我能做什么，照片会怎样处理",
    "profile_description": "发给我一张自拍或一小段视频，我会为你的心情做一首歌。你的 👍 和 👎 会影响下一首。"
    "读完心情，照片就会删除。",
    "profile_short": "一张自拍，变成一首合你心情的歌。",
}
