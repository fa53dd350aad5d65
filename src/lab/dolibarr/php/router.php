<?php
/**
 * The router of the lab's web servers: what PHP's own server sends without a word about caching is sent with one, as any
 * web server in front of a real Dolibarr does. Everything else is left to it.
 */

const TYPES = [
    'css' => 'text/css',
    'js' => 'text/javascript',
    'png' => 'image/png',
    'svg' => 'image/svg+xml',
    'woff2' => 'font/woff2',
];

$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$type = TYPES[pathinfo($path, PATHINFO_EXTENSION)] ?? null;
$file = realpath($_SERVER['DOCUMENT_ROOT'] . $path);
// Dolibarr's own files alone: what lies in a company's documents is never served from here
if ($type === null || $file === false || !str_starts_with($file, realpath($_SERVER['DOCUMENT_ROOT']) . '/') || !is_file($file)) {
    return false;
}
header("Content-Type: $type");
header('Content-Length: ' . filesize($file));
header('Cache-Control: max-age=3600');
readfile($file);
