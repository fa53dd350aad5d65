<?php
/**
 * The router of the lab's web servers: it serves scripts, styles and pictures with a Cache-Control header, which PHP's own
 * server does not send. Everything else is left to PHP's server.
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
// only Dolibarr's own files, never those in a company's documents
if ($type === null || $file === false || !str_starts_with($file, realpath($_SERVER['DOCUMENT_ROOT']) . '/') || !is_file($file)) {
    return false;
}
header("Content-Type: $type");
header('Content-Length: ' . filesize($file));
header('Cache-Control: max-age=3600');
readfile($file);
